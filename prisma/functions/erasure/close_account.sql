-- Deletes an account: ends its sessions, erases what the user has beside messages, takes the user out of the first 10 rooms and all
-- requests to join back, and adds the jobs for everything else. p_actor is the user, an administrator, or null for the command line. The
-- username is free again.
-- status: OK, FORBIDDEN, NO_USER (also for a deleted one), LAST_ADMIN
CREATE OR REPLACE FUNCTION close_account(p_actor BIGINT, p_user BIGINT, p_erases_messages BOOLEAN)
RETURNS TABLE (status TEXT, session_ids BIGINT[], room_ids BIGINT[], room_seqs BIGINT[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  account users; v_was_admin BOOLEAN := EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.is_admin);
BEGIN
  -- As in set_server_role: two administrators cannot remove each other.
  IF v_was_admin THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('server roles', 0));
  END IF;
  -- Heads before users, as in every other change.
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user ORDER BY m.room_id LIMIT 10)
      || ARRAY(SELECT j.room_id FROM join_requests j WHERE j.user_id = p_user)) ORDER BY h.room_id FOR NO KEY UPDATE;
  SELECT * INTO account FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  IF account.is_admin AND NOT v_was_admin THEN
    RAISE EXCEPTION 'the user has become an administrator meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
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
    PERFORM add_erasure_job(p_user, now());
  END IF;
  RETURN NEXT;
END $$;
