-- Whether a user may not join a room. A ban that has expired counts as none.
CREATE OR REPLACE FUNCTION is_banned(p_room BIGINT, p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM bans b WHERE b.room_id = p_room AND b.user_id = p_user AND (b.expires_at IS NULL OR b.expires_at > clock_timestamp()))
$$;
