-- Refuses to change the audit log. Only the retention deletes entries, in a transaction with parley.trims_audit_log, and the erasure of
-- an account removes reasons, with parley.erases_reasons.
CREATE OR REPLACE FUNCTION protect_audit_log() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF lower(TG_OP) = 'delete' AND current_setting('parley.trims_audit_log', true) = 'on'
    OR lower(TG_OP) = 'update' AND current_setting('parley.erases_reasons', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the audit log cannot be changed (%)', TG_OP;
END $$;
