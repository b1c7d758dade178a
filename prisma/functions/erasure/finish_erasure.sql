-- Ends a round of an erasure. After the first one it adds another, later than every node knows of the deletion: it finds what nodes
-- accepted from the user before. Until then the own log and the rooms that the user has left are needed.
CREATE OR REPLACE FUNCTION finish_erasure(p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_requested_at TIMESTAMPTZ;
BEGIN
  PERFORM erase_account_rows(p_user, ARRAY(SELECT lower(e.username) FROM erasures e WHERE e.user_id = p_user));
  DELETE FROM erasures e WHERE e.user_id = p_user AND e.is_again;
  IF FOUND THEN
    DELETE FROM access_losses l WHERE l.user_id = p_user;
    DELETE FROM account_events a WHERE a.user_id = p_user;
  END IF;
  UPDATE erasures e SET is_again = true, after_room_id = 0 WHERE e.user_id = p_user RETURNING e.requested_at INTO v_requested_at;
  IF FOUND THEN
    PERFORM add_erasure_job(p_user, greatest(now(), v_requested_at + interval '70 seconds'));
  END IF;
END $$;
