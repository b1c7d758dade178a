-- Deletes events from before a time from the own logs of some users, except the newest one. access_losses keeps the
-- losses of access that are needed later. Returns the last checked user, for the next call.
CREATE OR REPLACE FUNCTION trim_account_logs(p_before TIMESTAMPTZ, p_after_user BIGINT, p_users INT)
RETURNS TABLE (last_user BIGINT, deleted BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head RECORD; lo BIGINT; hi BIGINT; mid BIGINT; v_at TIMESTAMPTZ; v_deleted BIGINT;
BEGIN
  deleted := 0;
  FOR head IN SELECT h.user_id, h.last_account_seq FROM account_heads h WHERE h.user_id > p_after_user ORDER BY h.user_id LIMIT p_users LOOP
    last_user := head.user_id;
    SELECT e.account_seq, e.created_at INTO lo, v_at FROM account_events e WHERE e.user_id = head.user_id ORDER BY e.account_seq LIMIT 1;
    CONTINUE WHEN lo IS NULL OR v_at >= p_before;
    hi := head.last_account_seq + 1;
    WHILE hi - lo > 1 LOOP -- invariant: lo is from before the time, hi is not
      mid := (lo + hi) / 2;
      SELECT e.created_at INTO v_at FROM account_events e WHERE e.user_id = head.user_id AND e.account_seq = mid;
      IF v_at < p_before THEN lo := mid; ELSE hi := mid; END IF;
    END LOOP;
    DELETE FROM account_events e WHERE e.user_id = head.user_id AND e.account_seq < lo;
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    deleted := deleted + v_deleted;
  END LOOP;
  RETURN NEXT;
END $$;
