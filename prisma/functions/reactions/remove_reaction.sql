-- Removes one reaction and counts it. Returns whether there was one. The caller holds the lock of the room.
CREATE OR REPLACE FUNCTION remove_reaction(p_room BIGINT, p_room_seq BIGINT, p_user BIGINT, p_emoji TEXT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
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
