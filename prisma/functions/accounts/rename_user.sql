-- A new display name is told to every room the person is in, in one transaction.
CREATE OR REPLACE FUNCTION rename_user(p_user BIGINT, p_display_name TEXT)
RETURNS TABLE (room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships;
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id IN (SELECT m.room_id FROM memberships m WHERE m.user_id = p_user)
    ORDER BY h.room_id FOR NO KEY UPDATE;
  UPDATE users SET display_name = p_display_name WHERE id = p_user AND display_name <> p_display_name;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  FOR member IN SELECT * FROM memberships m WHERE m.user_id = p_user ORDER BY m.room_id LOOP
    room_id := member.room_id;
    room_seq := append_room_event(member.room_id, 9::smallint, p_user, p_user, member_facts(member));
    RETURN NEXT;
  END LOOP;
END $$;
