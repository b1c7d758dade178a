-- What a member has set for a room. NULL leaves a value as it is; p_muted_until in the past ends a mute, an empty p_folder means none.
-- status: OK, SAME, NOT_FOUND
CREATE OR REPLACE FUNCTION set_room_preferences(p_room BIGINT, p_user BIGINT, p_pinned BOOLEAN, p_hidden BOOLEAN, p_muted_until TIMESTAMPTZ,
  p_shares_receipts BOOLEAN, p_folder TEXT)
RETURNS TABLE (status TEXT, account_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head room_heads; old memberships; new memberships;
BEGIN
  SELECT * INTO head FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  SELECT * INTO old FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user AND NOT m.is_hidden;
  IF old.user_id IS NULL OR head.state = 2 THEN
    status := 'NOT_FOUND';
    RETURN NEXT;
    RETURN;
  END IF;
  new := old;
  IF p_pinned IS NOT NULL THEN
    new.pinned_at := CASE WHEN p_pinned THEN coalesce(old.pinned_at, clock_timestamp()) END;
  END IF;
  IF p_hidden IS NOT NULL THEN
    new.hidden_at_seq := CASE WHEN p_hidden THEN head.last_message_seq END;
  END IF;
  IF p_muted_until IS NOT NULL THEN
    new.muted_until := CASE WHEN p_muted_until > clock_timestamp() THEN p_muted_until END;
  END IF;
  new.shares_receipts := coalesce(p_shares_receipts, old.shares_receipts);
  IF p_folder IS NOT NULL THEN
    new.folder := nullif(p_folder, '');
  END IF;
  IF new IS NOT DISTINCT FROM old THEN
    status := 'SAME';
  ELSE
    UPDATE memberships m SET pinned_at = new.pinned_at, hidden_at_seq = new.hidden_at_seq, muted_until = new.muted_until,
      shares_receipts = new.shares_receipts, folder = new.folder
    WHERE m.room_id = p_room AND m.user_id = p_user;
    PERFORM append_account_events(ARRAY[p_user], 4::smallint, p_room, ARRAY[head.last_room_seq]);
    status := 'OK';
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  RETURN NEXT;
END $$;
