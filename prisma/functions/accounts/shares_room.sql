-- Whether two users are members of one room. For guests, who are in one room at most.
CREATE OR REPLACE FUNCTION shares_room(p_viewer BIGINT, p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM memberships a
    CROSS JOIN LATERAL (SELECT FROM memberships b WHERE b.room_id = a.room_id AND b.user_id = p_user AND NOT b.is_hidden LIMIT 1) b
    WHERE a.user_id = p_viewer AND NOT a.is_hidden)
$$;
