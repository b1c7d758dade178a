-- Guests who have not used their account since a time.
CREATE OR REPLACE FUNCTION unused_guests(p_before TIMESTAMPTZ, p_limit INTEGER) RETURNS SETOF BIGINT LANGUAGE sql STABLE AS $$
  SELECT u.id FROM users u WHERE u.guest_room_id IS NOT NULL AND u.deleted_at IS NULL AND u.created_at < p_before
    AND NOT EXISTS (SELECT FROM sessions s WHERE s.user_id = u.id AND s.last_used_at >= p_before)
  ORDER BY u.id LIMIT p_limit
$$;
