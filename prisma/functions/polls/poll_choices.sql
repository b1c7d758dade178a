-- Who has chosen what in a poll: an object of user ids and places of options.
CREATE OR REPLACE FUNCTION poll_choices(p_room BIGINT, p_room_seq BIGINT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_object_agg(v.user_id, v.options), '{}')
  FROM (SELECT v.user_id, jsonb_agg(v.option ORDER BY v.option) AS options FROM poll_votes v
    WHERE v.room_id = p_room AND v.room_seq = p_room_seq GROUP BY v.user_id) v
$$;
