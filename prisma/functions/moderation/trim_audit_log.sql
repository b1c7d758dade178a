-- Deletes entries of audit logs from before a time, at most p_limit. Returns how many. Only this function may.
-- A clause SET of the function would need a superuser.
CREATE OR REPLACE FUNCTION trim_audit_log(p_before TIMESTAMPTZ, p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_deleted BIGINT;
BEGIN
  PERFORM set_config('parley.trims_audit_log', 'on', true);
  DELETE FROM audit_log a WHERE a.ctid = ANY (ARRAY(
    SELECT o.ctid FROM audit_log o WHERE o.created_at < p_before ORDER BY o.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS v_deleted = ROW_COUNT;
  PERFORM set_config('parley.trims_audit_log', 'off', true);
  RETURN v_deleted;
END $$;
