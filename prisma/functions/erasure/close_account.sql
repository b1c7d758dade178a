-- Deletes an account: ends its sessions, erases what the user has beside messages, takes the user out of the first 100 rooms and all
-- requests to join back, and adds the jobs for everything else. p_actor is the user, an administrator, or null for the command line. The
-- username is free again.
-- The second job finds what nodes accepted from the user before they knew of the deletion.
-- status: OK, FORBIDDEN, NO_USER (also for a deleted one), LAST_ADMIN
CREATE OR REPLACE FUNCTION close_account(p_actor BIGINT, p_user BIGINT, p_erases_messages BOOLEAN)
RETURNS TABLE (status TEXT, session_ids BIGINT[], room_ids BIGINT[], room_seqs BIGINT[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  account users;
BEGIN
  -- As in set_server_role: two administrators cannot remove each other.
  PERFORM pg_advisory_xact_lock(hashtextextended('server roles', 0));
  -- Heads before users, as in every other change.
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user ORDER BY m.room_id LIMIT 100)
      || ARRAY(SELECT j.room_id FROM join_requests j WHERE j.user_id = p_user)) ORDER BY h.room_id FOR NO KEY UPDATE;
  SELECT * INTO account FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  status := CASE WHEN p_actor <> p_user AND NOT is_administrator(p_actor) THEN 'FORBIDDEN' WHEN account.id IS NULL THEN 'NO_USER'
    WHEN is_administrator(p_user) AND NOT EXISTS (SELECT FROM users u WHERE u.is_admin AND u.id <> p_user AND is_administrator(u.id)) THEN 'LAST_ADMIN'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO erasures (user_id, username, erases_messages) VALUES (p_user, account.username, p_erases_messages);
    UPDATE users u SET deleted_at = clock_timestamp(), username = '~deleted-' || p_user, display_name = 'Deleted user', email = NULL, email_verified_at = NULL,
      new_email = NULL, password_hash = NULL, is_admin = false, direct_messages_from = 0, addable_by = 0, suspended_at = NULL WHERE u.id = p_user;
    -- A separate statement: it must see sessions that began while this one waited.
    WITH ended AS (
      UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.user_id = p_user AND s.revoked_at IS NULL RETURNING s.id
    ) SELECT coalesce(array_agg(e.id), '{}') INTO session_ids FROM ended e;
    SELECT coalesce(array_agg(l.room_id), '{}'), coalesce(array_agg(l.room_seq), '{}') INTO room_ids, room_seqs FROM leave_erased_rooms(p_user) l;
    PERFORM erase_account_rows(p_user, ARRAY[lower(account.username), lower(account.email), lower(account.new_email)]);
    PERFORM jobs.add_job('erase-account', json_build_object('userId', p_user), job_key => 'erase-account ' || p_user);
    PERFORM jobs.add_job('erase-account', json_build_object('userId', p_user), job_key => 'erase-account again ' || p_user,
      run_at => now() + interval '70 seconds');
  END IF;
  RETURN NEXT;
END $$;
