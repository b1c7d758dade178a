-- Adds or removes one reaction and counts it. Returns whether anything changed. The caller holds the lock of the room.
CREATE OR REPLACE FUNCTION set_reaction(p_room BIGINT, p_room_seq BIGINT, p_user BIGINT, p_emoji TEXT, p_is_added BOOLEAN, p_log_seq BIGINT)
RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF p_is_added THEN
    INSERT INTO reactions (room_id, room_seq, emoji, user_id) VALUES (p_room, p_room_seq, p_emoji, p_user) ON CONFLICT DO NOTHING;
    IF FOUND THEN
      INSERT INTO reaction_groups AS g (room_id, room_seq, emoji, count, first_seq) VALUES (p_room, p_room_seq, p_emoji, 1, p_log_seq)
      ON CONFLICT (room_id, room_seq, emoji) DO UPDATE SET count = g.count + 1;
      RETURN true;
    END IF;
    RETURN false;
  END IF;
  DELETE FROM reactions WHERE room_id = p_room AND room_seq = p_room_seq AND emoji = p_emoji AND user_id = p_user;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM reaction_groups WHERE room_id = p_room AND room_seq = p_room_seq AND emoji = p_emoji AND count = 1;
  IF NOT FOUND THEN
    UPDATE reaction_groups SET count = count - 1 WHERE room_id = p_room AND room_seq = p_room_seq AND emoji = p_emoji;
  END IF;
  RETURN true;
END $$;
