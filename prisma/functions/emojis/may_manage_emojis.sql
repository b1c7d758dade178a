-- Whether a user may create and delete emoji: a server administrator, or NULL for an operator.
CREATE OR REPLACE FUNCTION may_manage_emojis(p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT p_user IS NULL OR is_administrator(p_user)
$$;
