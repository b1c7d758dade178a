-- Ends a round of an erasure. The first round is followed by another one, later than every node knows of the deletion. Until then the
-- own log and the rooms that the user has left are needed.
CREATE OR REPLACE FUNCTION finish_erasure(p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM erase_account_rows(p_user, ARRAY(SELECT lower(e.username) FROM erasures e WHERE e.user_id = p_user));
  DELETE FROM erasures e WHERE e.user_id = p_user AND e.requested_at < now() - interval '1 minute';
  IF FOUND THEN
    DELETE FROM access_losses l WHERE l.user_id = p_user;
    DELETE FROM account_events a WHERE a.user_id = p_user;
  END IF;
  UPDATE erasures e SET is_again = true, after_room_id = 0 WHERE e.user_id = p_user;
END $$;
