-- A group of reactions in the form of events. reactorIds is NULL if there are more than 50.
CREATE OR REPLACE FUNCTION reaction_facts(p_room BIGINT, p_room_seq BIGINT, p_emoji TEXT) RETURNS JSONB LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_count INT := coalesce((SELECT g.count FROM reaction_groups g WHERE g.room_id = p_room AND g.room_seq = p_room_seq AND g.emoji = p_emoji), 0);
BEGIN
  RETURN jsonb_build_object('emoji', p_emoji, 'count', v_count, 'reactorIds', CASE WHEN v_count <= 50 THEN to_jsonb(ARRAY(
    SELECT r.user_id FROM reactions r WHERE r.room_id = p_room AND r.room_seq = p_room_seq AND r.emoji = p_emoji ORDER BY r.user_id)) END);
END $$;
