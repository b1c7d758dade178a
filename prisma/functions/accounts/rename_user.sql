-- Records a new display name in every room of the user: in the first 100 rooms in this transaction, so that it locks no
-- more heads, and in the others by jobs that call tell_rename. Returns the changed rooms.
CREATE OR REPLACE FUNCTION rename_user(p_user BIGINT, p_display_name TEXT)
RETURNS TABLE (room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships; v_rooms BIGINT[]; v_last BIGINT;
BEGIN
  v_rooms := ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user ORDER BY m.room_id LIMIT 100);
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (v_rooms) ORDER BY h.room_id FOR NO KEY UPDATE;
  UPDATE users SET display_name = p_display_name WHERE id = p_user AND display_name <> p_display_name;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  FOR member IN SELECT * FROM memberships m WHERE m.user_id = p_user AND m.room_id = ANY (v_rooms) ORDER BY m.room_id LOOP
    room_id := member.room_id;
    room_seq := append_room_event(member.room_id, 9::smallint, p_user, p_user, member_facts(member));
    RETURN NEXT;
  END LOOP;
  -- The next after the rooms above; all again where the person joined one of them before the name changed.
  SELECT CASE WHEN bool_or(m.room_id < v_rooms[cardinality(v_rooms)]) THEN 0 ELSE coalesce(v_rooms[cardinality(v_rooms)], 0) END
    INTO v_last FROM memberships m WHERE m.user_id = p_user AND m.room_id <> ALL (v_rooms) HAVING count(*) > 0;
  IF v_last IS NULL THEN
    DELETE FROM renames r WHERE r.user_id = p_user;
  ELSE
    INSERT INTO renames (user_id, after_room_id) VALUES (p_user, v_last)
    ON CONFLICT (user_id) DO UPDATE SET after_room_id = EXCLUDED.after_room_id;
    PERFORM jobs.add_job('tell-rename', json_build_object('userId', p_user), job_key => 'tell-rename ' || p_user);
  END IF;
END $$;
