-- Makes the unused tokens of an account void: those of one purpose, or all if p_purpose is null. A transaction that began before
-- finds them expired, too.
CREATE OR REPLACE FUNCTION void_tokens(p_user BIGINT, p_purpose TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  UPDATE one_time_tokens t SET expires_at = t.created_at
  WHERE t.user_id = p_user AND t.purpose = coalesce(p_purpose, t.purpose) AND t.used_at IS NULL AND t.expires_at > t.created_at
$$;
