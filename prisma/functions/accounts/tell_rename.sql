-- Records a new display name in the next 100 rooms. It saves its position with the events, so each room gets one event,
-- however the job ends. Returns the changed rooms.
CREATE OR REPLACE FUNCTION tell_rename(p_user BIGINT)
RETURNS TABLE (room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships; v_after BIGINT; v_rooms BIGINT[];
BEGIN
  SELECT r.after_room_id INTO v_after FROM renames r WHERE r.user_id = p_user;
  v_rooms := ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user AND m.room_id > v_after ORDER BY m.room_id LIMIT 100);
  -- Heads first, as everywhere. Another renaming may have begun meanwhile: then the next call tells its rooms.
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (v_rooms) ORDER BY h.room_id FOR NO KEY UPDATE;
  PERFORM 1 FROM renames r WHERE r.user_id = p_user AND r.after_room_id = v_after FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  FOR member IN SELECT * FROM memberships m WHERE m.user_id = p_user AND m.room_id = ANY (v_rooms) ORDER BY m.room_id LOOP
    room_id := member.room_id;
    room_seq := append_room_event(member.room_id, 9::smallint, p_user, p_user, member_facts(member));
    RETURN NEXT;
  END LOOP;
  IF cardinality(v_rooms) < 100 THEN
    DELETE FROM renames r WHERE r.user_id = p_user;
  ELSE
    UPDATE renames r SET after_room_id = v_rooms[100] WHERE r.user_id = p_user;
  END IF;
END $$;
