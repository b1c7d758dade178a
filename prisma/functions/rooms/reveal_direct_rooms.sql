-- Grants access to the other members of a direct room with its first message. The caller holds the locks of the heads.
CREATE OR REPLACE FUNCTION reveal_direct_rooms(p_rooms BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_users BIGINT[]; v_room BIGINT;
BEGIN
  -- All account heads first, in one order, then room by room.
  PERFORM 1 FROM account_heads WHERE user_id IN (SELECT user_id FROM memberships WHERE room_id = ANY (p_rooms) AND is_hidden)
    ORDER BY user_id FOR NO KEY UPDATE;
  FOREACH v_room IN ARRAY p_rooms LOOP
    WITH shown AS (UPDATE memberships SET is_hidden = false WHERE room_id = v_room AND is_hidden RETURNING user_id)
    SELECT array_agg(user_id ORDER BY user_id) INTO v_users FROM shown;
    UPDATE room_heads SET has_hidden = false WHERE room_id = v_room;
    IF v_users IS NOT NULL THEN
      PERFORM append_account_events(v_users, 1::smallint, v_room, array_fill(1::bigint, ARRAY[cardinality(v_users)]));
    END IF;
  END LOOP;
END $$;
