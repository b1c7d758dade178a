-- Erases the account of a guest that was not used since a time: it leaves its room, its sessions end, its messages stay.
-- status: OK, SAME (it is no guest any more, or was used meanwhile)
CREATE OR REPLACE FUNCTION remove_guest(p_user BIGINT, p_before TIMESTAMPTZ)
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_room BIGINT := (SELECT u.guest_room_id FROM users u WHERE u.id = p_user);
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
  UPDATE users u SET deleted_at = clock_timestamp() WHERE u.id = p_user AND u.guest_room_id IS NOT NULL AND u.deleted_at IS NULL
    AND u.created_at < p_before AND NOT EXISTS (SELECT FROM sessions s WHERE s.user_id = p_user AND s.last_used_at >= p_before);
  status := CASE WHEN FOUND THEN 'OK' ELSE 'SAME' END;
  IF status = 'OK' THEN
    UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.user_id = p_user AND s.revoked_at IS NULL;
    IF EXISTS (SELECT FROM memberships m WHERE m.room_id = v_room AND m.user_id = p_user) THEN
      room_id := v_room;
      room_seq := dismiss_member(v_room, p_user, p_user, false);
    END IF;
    DELETE FROM permission_overrides o WHERE o.room_id = v_room AND o.target = p_user;
    DELETE FROM former_timeouts f WHERE f.room_id = v_room AND f.user_id = p_user;
    DELETE FROM slow_mode_posts s WHERE s.room_id = v_room AND s.user_id = p_user;
    DELETE FROM user_blocks b WHERE b.user_id = p_user;
    DELETE FROM bans b WHERE b.room_id = v_room AND b.user_id = p_user;
  END IF;
  RETURN NEXT;
END $$;
