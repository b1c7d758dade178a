-- The value of a field before and after an act, in the form of the audit log; empty where they are the same.
CREATE OR REPLACE FUNCTION audit_change(p_field TEXT, p_before ANYELEMENT, p_after ANYELEMENT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_before IS DISTINCT FROM p_after THEN jsonb_build_object(p_field, jsonb_build_array(p_before, p_after)) ELSE '{}' END
$$;
