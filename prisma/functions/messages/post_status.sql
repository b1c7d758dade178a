-- Whether a user may post in a room: OK, NOT_FOUND (also if not a member), ARCHIVED, FORBIDDEN, TIMED_OUT.
CREATE OR REPLACE FUNCTION post_status(p_role SMALLINT, p_is_hidden BOOLEAN, p_permissions BIGINT, p_timeout_until TIMESTAMPTZ,
  p_room_state SMALLINT, p_now TIMESTAMPTZ)
RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p_role IS NULL OR p_is_hidden OR p_room_state = 2 THEN 'NOT_FOUND' WHEN p_room_state = 1 THEN 'ARCHIVED'
    WHEN p_permissions & 1 = 0 THEN 'FORBIDDEN' WHEN p_timeout_until > p_now THEN 'TIMED_OUT' ELSE 'OK' END
$$;
