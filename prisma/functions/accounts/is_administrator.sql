-- Whether a user administrates the server.
CREATE OR REPLACE FUNCTION is_administrator(p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.is_admin AND u.suspended_at IS NULL AND u.deleted_at IS NULL)
$$;
