-- Erases what a user has beside rooms and messages. Mails about the user that wait are not sent; p_names are names by which they call
-- the user. Sessions stay without what the client said of itself: nodes read in them that they have ended.
CREATE OR REPLACE FUNCTION erase_account_rows(p_user BIGINT, p_names TEXT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM refresh_tokens t USING sessions s WHERE s.user_id = p_user AND t.session_id = s.id;
  UPDATE sessions s SET device_name = NULL, user_agent = NULL WHERE s.user_id = p_user;
  DELETE FROM one_time_tokens t WHERE t.user_id = p_user;
  DELETE FROM known_networks n WHERE n.user_id = p_user;
  DELETE FROM identities i WHERE i.user_id = p_user;
  DELETE FROM oidc_requests o WHERE o.user_id = p_user;
  DELETE FROM totp_secrets f WHERE f.user_id = p_user;
  DELETE FROM recovery_codes c WHERE c.user_id = p_user;
  DELETE FROM passkeys k WHERE k.user_id = p_user;
  DELETE FROM renames r WHERE r.user_id = p_user;
  DELETE FROM creation_keys k WHERE k.author_id = p_user;
  DELETE FROM bans b WHERE b.user_id = p_user;
  DELETE FROM join_request_pauses p WHERE p.user_id = p_user;
  -- The entries stay. Users can be banned from rooms that they have never been in.
  PERFORM set_config('parley.erases_reasons', 'on', true);
  UPDATE audit_log a SET reason = NULL WHERE a.target = p_user AND a.reason IS NOT NULL;
  PERFORM set_config('parley.erases_reasons', 'off', true);
  UPDATE custom_emojis e SET created_by = NULL WHERE e.created_by = p_user;
  DELETE FROM jobs._private_jobs j USING jobs._private_tasks t WHERE t.id = j.task_id AND t.identifier LIKE '%-mail'
    AND (j.payload ->> 'userId' = p_user::text OR lower(j.payload ->> 'usernameOrEmail') = ANY (p_names));
  -- set_thread_state and save_draft hold the lock of the own log.
  PERFORM lock_accounts(ARRAY[p_user]);
  DELETE FROM thread_members m WHERE m.user_id = p_user;
  DELETE FROM user_blocks b WHERE b.user_id = p_user;
  DELETE FROM drafts d WHERE d.user_id = p_user;
  DELETE FROM saved_messages s WHERE s.user_id = p_user;
END $$;
