-- A user in the form of events. Times are in ms since 1970.
CREATE OR REPLACE FUNCTION user_record(p_user users) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('id', p_user.id, 'username', p_user.username, 'displayName', p_user.display_name,
    'deletedAt', timeout_ms(p_user.deleted_at))
$$;
