-- Opens the direct room of exactly these users, including p_actor. The other members learn of it with its first
-- message. status: OK, NOT_FOUND (one of them no longer exists), GUEST (one of them is a guest). Unless the actor has the room
-- already: BLOCKED (the actor has blocked one of them), NOT_REACHABLE (one of them does not let the actor message them)
CREATE OR REPLACE FUNCTION open_direct_room(p_actor BIGINT, p_users BIGINT[])
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_users BIGINT[] := (SELECT array_agg(DISTINCT u ORDER BY u) FROM unnest(p_users || p_actor) AS u);
  v_key TEXT := array_to_string(v_users, ',');
  -- A variable of its own: `use_column` makes `h.room_id = room_id` compare a column with itself.
  v_room BIGINT;
BEGIN
  IF (SELECT count(*) FROM users WHERE id = ANY (v_users) AND deleted_at IS NULL) < cardinality(v_users) THEN
    status := 'NOT_FOUND';
    RETURN NEXT;
    RETURN;
  END IF;
  IF are_guests_elsewhere(v_users, NULL) THEN
    status := 'GUEST';
    RETURN NEXT;
    RETURN;
  END IF;
  status := CASE WHEN EXISTS (SELECT FROM rooms r
      CROSS JOIN LATERAL (SELECT FROM memberships m WHERE m.room_id = r.id AND m.user_id = p_actor AND NOT m.is_hidden LIMIT 1) m
      WHERE r.direct_key = v_key) THEN 'OK'
    WHEN EXISTS (SELECT FROM unnest(v_users) AS u WHERE has_blocked(p_actor, u)) THEN 'BLOCKED'
    WHEN refuse_contact(p_actor, v_users, true) THEN 'NOT_REACHABLE'
    ELSE 'OK' END;
  IF status <> 'OK' THEN
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO rooms (kind, created_by, direct_key) VALUES (3, p_actor, v_key)
  ON CONFLICT (direct_key) WHERE direct_key IS NOT NULL DO NOTHING RETURNING id INTO v_room;
  IF v_room IS NOT NULL THEN
    INSERT INTO room_heads (room_id, has_hidden) VALUES (v_room, cardinality(v_users) > 1);
    PERFORM append_room_event(v_room, 1::smallint, p_actor, NULL, NULL);
    room_seq := admit_members(v_room, p_actor, v_users, 20::smallint, true, p_actor);
  ELSE
    SELECT r.id INTO v_room FROM rooms r WHERE r.direct_key = v_key;
    PERFORM 1 FROM room_heads h WHERE h.room_id = v_room FOR NO KEY UPDATE;
    UPDATE memberships m SET is_hidden = false WHERE m.room_id = v_room AND m.user_id = p_actor AND m.is_hidden;
    IF FOUND THEN
      PERFORM append_account_events(ARRAY[p_actor], 1::smallint, v_room, ARRAY[1::bigint]);
    END IF;
    SELECT h.last_room_seq INTO room_seq FROM room_heads h WHERE h.room_id = v_room;
  END IF;
  room_id := v_room;
  RETURN NEXT;
END $$;
