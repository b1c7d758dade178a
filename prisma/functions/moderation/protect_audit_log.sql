-- Refuses to change the audit log. Only the retention deletes entries, in a transaction with parley.trims_audit_log.
CREATE OR REPLACE FUNCTION protect_audit_log() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF lower(TG_OP) = 'delete' AND current_setting('parley.trims_audit_log', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the audit log cannot be changed (%)', TG_OP;
END $$;
