-- The end of a timeout in ms since 1970, as nodes and the log store it; NULL without one.
CREATE OR REPLACE FUNCTION timeout_ms(p_until TIMESTAMPTZ) RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_until > '9999-01-01Z' THEN 253370764800000 ELSE (extract(epoch FROM p_until) * 1000)::bigint END
$$;
