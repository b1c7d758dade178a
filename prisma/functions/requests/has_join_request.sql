-- Whether a user waits for an answer.
CREATE OR REPLACE FUNCTION has_join_request(p_room BIGINT, p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM join_requests j WHERE j.room_id = p_room AND j.user_id = p_user)
$$;
