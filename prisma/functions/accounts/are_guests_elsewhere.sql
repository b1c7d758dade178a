-- Whether one of these users is a guest of another room than p_room.
CREATE OR REPLACE FUNCTION are_guests_elsewhere(p_users BIGINT[], p_room BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE u.id = ANY (p_users) AND u.guest_room_id IS DISTINCT FROM p_room AND u.guest_room_id IS NOT NULL)
$$;
