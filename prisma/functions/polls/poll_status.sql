-- Why a message cannot have that poll: TOO_FAR (it closes in the past, or more than 366 days ahead). NULL where it can.
CREATE OR REPLACE FUNCTION poll_status(p_poll JSONB, p_now TIMESTAMPTZ) RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN (p_poll ->> 'closesAt')::timestamptz <= p_now OR (p_poll ->> 'closesAt')::timestamptz > p_now + interval '366 days' THEN 'TOO_FAR' END
$$;
