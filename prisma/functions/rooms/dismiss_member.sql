-- Removes one member from a room whose head the caller has locked. What was allowed to the member alone ends; what was denied
-- stays, and so does a timeout, because they would otherwise end with leaving and joining.
CREATE OR REPLACE FUNCTION dismiss_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_removed BOOLEAN)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT;
BEGIN
  v_seq := append_room_event(p_room, 10::smallint, p_actor, p_user, jsonb_build_object('removed', p_removed));
  PERFORM keep_timeout(p_room, p_user);
  DELETE FROM memberships WHERE room_id = p_room AND user_id = p_user;
  UPDATE rooms SET member_count = member_count - 1 WHERE id = p_room;
  PERFORM append_account_events(ARRAY[p_user], 2::smallint, p_room, ARRAY[v_seq]);
  -- Behind the lock of the own log, which set_thread_state and save_draft hold.
  DELETE FROM thread_members WHERE room_id = p_room AND user_id = p_user;
  DELETE FROM drafts WHERE room_id = p_room AND user_id = p_user;
  PERFORM end_allowances(p_room, p_user);
  PERFORM end_live_locations_of(p_room, p_user);
  RETURN v_seq;
END $$;
