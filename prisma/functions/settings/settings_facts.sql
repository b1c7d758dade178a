-- The settings of a room in the form of its event.
CREATE OR REPLACE FUNCTION settings_facts(p_room BIGINT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('version', h.settings_version, 'slowModeSeconds', h.slow_mode_seconds, 'posting', posting_policy(h.room_id),
    'joinPolicy', (ARRAY['open', 'request', 'invite'])[h.join_policy])
  FROM room_heads h WHERE h.room_id = p_room
$$;
