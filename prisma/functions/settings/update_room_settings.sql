-- Changes settings of a room: those in p_changes, under the names of settings_facts. null ends slow mode.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, ARCHIVED, NOT_PUBLIC (nobody joins such a room without an invite),
--         VERSION (the version was passed by), and those of set_posting_policy
-- A plan that was made while nobody had to wait would read all rows: enable_seqscan.
CREATE OR REPLACE FUNCTION update_room_settings(p_room BIGINT, p_actor BIGINT, p_expected_version INT, p_changes JSONB)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_old JSONB := settings_facts(p_room); v_new JSONB := v_old || p_changes;
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 8 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN at.kind <> 1 AND v_new -> 'joinPolicy' <> v_old -> 'joinPolicy' THEN 'NOT_PUBLIC'
    WHEN v_new = v_old THEN 'SAME' WHEN p_expected_version <> (v_old ->> 'version')::int THEN 'VERSION' ELSE 'OK' END;
  IF status = 'OK' AND v_new -> 'posting' <> v_old -> 'posting' THEN
    status := set_posting_policy(p_room, p_actor, v_new ->> 'posting');
  END IF;
  IF status = 'OK' THEN
    UPDATE room_heads h SET settings_version = h.settings_version + 1, slow_mode_seconds = (v_new ->> 'slowModeSeconds')::int,
      join_policy = array_position(ARRAY['open', 'request', 'invite'], v_new ->> 'joinPolicy')
    WHERE h.room_id = p_room;
    DELETE FROM slow_mode_posts s WHERE s.room_id = p_room AND v_new ->> 'slowModeSeconds' IS NULL;
    room_seq := append_room_event(p_room, 33::smallint, p_actor, NULL, settings_facts(p_room));
    PERFORM record_act(p_room, p_actor, 'settings', NULL, NULL,
      audit_change('slowModeSeconds', v_old ->> 'slowModeSeconds', v_new ->> 'slowModeSeconds')
      || audit_change('posting', v_old ->> 'posting', v_new ->> 'posting')
      || audit_change('joinPolicy', v_old ->> 'joinPolicy', v_new ->> 'joinPolicy'));
  END IF;
  RETURN NEXT;
END $$;
