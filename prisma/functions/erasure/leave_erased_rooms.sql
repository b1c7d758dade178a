-- Takes a deleted user out of the next 10 rooms, and all requests to join back. After a room that was deleted it stops: that can take as
-- long as delete_room. It saves its position with the events, so each room is left once, however the job ends. Returns the changed rooms.
CREATE OR REPLACE FUNCTION leave_erased_rooms(p_user BIGINT)
RETURNS TABLE (room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_after BIGINT; v_is_again BOOLEAN; v_until BIGINT; v_rooms BIGINT[];
  v_asked BIGINT[] := ARRAY(SELECT j.room_id FROM join_requests j WHERE j.user_id = p_user);
BEGIN
  SELECT e.after_room_id, e.is_again INTO v_after, v_is_again FROM erasures e WHERE e.user_id = p_user;
  v_rooms := ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user AND m.room_id > v_after ORDER BY m.room_id LIMIT 10);
  -- Heads first, as everywhere. Another node may run the same job.
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (v_rooms || v_asked) ORDER BY h.room_id FOR NO KEY UPDATE;
  PERFORM 1 FROM erasures e WHERE e.user_id = p_user AND e.after_room_id = v_after FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  v_until := v_rooms[10];
  FOR room_id IN SELECT m.room_id FROM memberships m WHERE m.user_id = p_user AND m.room_id = ANY (v_rooms) ORDER BY m.room_id LOOP
    -- The second time is for rooms that the user joined at a node that did not know of the deletion yet.
    CONTINUE WHEN v_is_again AND EXISTS (SELECT FROM rooms r WHERE r.id = room_id AND r.kind = 3);
    room_seq := take_out_erased(room_id, p_user);
    RETURN NEXT;
    IF EXISTS (SELECT FROM rooms r WHERE r.id = room_id AND r.deleted_at IS NOT NULL) THEN
      v_until := room_id;
      EXIT;
    END IF;
  END LOOP;
  UPDATE erasures e SET after_room_id = v_until WHERE e.user_id = p_user;
  FOR room_id IN SELECT j.room_id FROM join_requests j WHERE j.user_id = p_user AND j.room_id = ANY (v_asked) ORDER BY j.room_id LOOP
    room_seq := settle_join_request(room_id, p_user, 4);
    RETURN NEXT;
  END LOOP;
END $$;
