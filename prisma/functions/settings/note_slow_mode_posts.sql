-- Notes when members have sent a message in rooms with slow mode; the caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION note_slow_mode_posts(p_rooms BIGINT[], p_users BIGINT[], p_now TIMESTAMPTZ) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  INSERT INTO slow_mode_posts (room_id, user_id, posted_at)
  SELECT x.room_id, x.user_id, p_now FROM unnest(p_rooms, p_users) AS x(room_id, user_id)
  ON CONFLICT (room_id, user_id) DO UPDATE SET posted_at = excluded.posted_at
$$;
