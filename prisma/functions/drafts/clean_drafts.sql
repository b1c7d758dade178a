-- Removes drafts that are over from some users. Returns the last checked user, for the next call; NULL after the last one.
CREATE OR REPLACE FUNCTION clean_drafts(p_after_user BIGINT, p_users INT)
RETURNS TABLE (last_user BIGINT, deleted BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_user BIGINT := p_after_user;
BEGIN
  deleted := 0;
  FOR n IN 1..p_users LOOP
    SELECT min(d.user_id) INTO v_user FROM drafts d WHERE d.user_id > v_user;
    last_user := v_user;
    EXIT WHEN v_user IS NULL;
    deleted := deleted + remove_sent_drafts(v_user);
  END LOOP;
  RETURN NEXT;
END $$;
