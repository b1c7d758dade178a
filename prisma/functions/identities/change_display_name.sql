-- Gives a user another display name, which a job records in all rooms of the user: no head is locked here. Returns false if it is
-- the same.
CREATE OR REPLACE FUNCTION change_display_name(p_user BIGINT, p_display_name TEXT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE users SET display_name = p_display_name WHERE id = p_user AND display_name <> p_display_name;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO renames (user_id, after_room_id) VALUES (p_user, 0) ON CONFLICT (user_id) DO UPDATE SET after_room_id = 0;
  PERFORM jobs.add_job('tell-rename', json_build_object('userId', p_user), job_key => 'tell-rename ' || p_user);
  RETURN true;
END $$;
