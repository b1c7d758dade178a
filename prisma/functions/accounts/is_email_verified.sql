-- Whether another account than this one has proved that the e-mail address is its own.
CREATE OR REPLACE FUNCTION is_email_verified(p_email TEXT, p_besides BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE lower(u.email COLLATE "C") = lower(p_email COLLATE "C") AND u.email_verified_at IS NOT NULL
    AND u.id <> p_besides)
$$;
