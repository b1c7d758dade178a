-- Saves what a user has begun to write in a room, or in the thread of a message of it (p_message). Without a text, removes it.
-- A draft is over once the user's message with its key is stored. Posts do not touch drafts: each reader compares the keys.
-- p_expected: the version that the caller knows, 0 for none; NULL saves in any case.
-- status: OK, SAME, NOT_FOUND (the room), NO_THREAD, KEY_CONFLICT (the message was sent), VERSION, NO_QUOTE, LIMIT (200 drafts)
CREATE OR REPLACE FUNCTION save_draft(p_user BIGINT, p_room BIGINT, p_message BIGINT, p_text TEXT, p_quoted BIGINT, p_key TEXT, p_expected BIGINT)
RETURNS TABLE (status TEXT, account_seq BIGINT, root_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships; old drafts; v_root BIGINT := 0; v_known BIGINT;
BEGIN
  PERFORM lock_accounts(ARRAY[p_user]);
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user AND NOT m.is_hidden
    AND EXISTS (SELECT FROM room_heads h WHERE h.room_id = p_room AND h.state < 2);
  IF p_message IS NOT NULL THEN
    SELECT coalesce(m.thread_root_seq, m.room_seq) INTO v_root FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_message
      AND coalesce(m.seq >= member.visible_from_seq, m.room_seq >= member.visible_from_room_seq);
  END IF;
  SELECT * INTO old FROM drafts d WHERE d.user_id = p_user AND d.room_id = p_room AND d.root_seq = v_root
    AND NOT is_draft_sent(d.room_id, d.user_id, d.idempotency_key);
  v_known := coalesce(old.version, 0);
  status := CASE WHEN member.user_id IS NULL THEN 'NOT_FOUND' WHEN v_root IS NULL THEN 'NO_THREAD'
    WHEN p_text IS NOT NULL AND is_draft_sent(p_room, p_user, p_key) THEN 'KEY_CONFLICT'
    WHEN p_text IS NULL AND v_known = 0 THEN 'SAME'
    WHEN p_expected <> v_known THEN 'VERSION'
    WHEN p_text IS NULL THEN 'OK'
    WHEN v_known > 0 AND ROW(old.text, old.idempotency_key, old.quoted_seq) IS NOT DISTINCT FROM ROW(p_text, p_key, p_quoted) THEN 'SAME'
    WHEN p_quoted IS NOT NULL AND NOT EXISTS (SELECT FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_quoted
      AND coalesce(m.seq >= member.visible_from_seq, m.room_seq >= member.visible_from_room_seq)) THEN 'NO_QUOTE'
    ELSE 'OK' END;
  IF status = 'OK' AND p_text IS NOT NULL AND v_known = 0 AND (SELECT count(*) FROM drafts d WHERE d.user_id = p_user) > 199 THEN
    PERFORM remove_sent_drafts(p_user);
    IF (SELECT count(*) FROM drafts d WHERE d.user_id = p_user) > 199 THEN
      status := 'LIMIT';
    END IF;
  END IF;
  IF status = 'OK' THEN
    PERFORM append_account_events(ARRAY[p_user], 11::smallint, p_room, ARRAY[v_root]);
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  IF status = 'OK' AND p_text IS NULL THEN
    DELETE FROM drafts d WHERE d.user_id = p_user AND d.room_id = p_room AND d.root_seq = v_root;
  ELSIF status = 'OK' THEN
    INSERT INTO drafts AS d (user_id, room_id, root_seq, version, text, quoted_seq, idempotency_key, updated_at)
    VALUES (p_user, p_room, v_root, account_seq, p_text, p_quoted, p_key, clock_timestamp())
    ON CONFLICT (user_id, room_id, root_seq) DO UPDATE SET version = excluded.version, text = excluded.text,
      quoted_seq = excluded.quoted_seq, idempotency_key = excluded.idempotency_key, updated_at = excluded.updated_at;
  END IF;
  root_seq := v_root;
  RETURN NEXT;
END $$;
