-- status: OK, REPLAYED, KEY_CONFLICT (the key belongs to another room)
CREATE OR REPLACE FUNCTION create_room(p_actor BIGINT, p_kind SMALLINT, p_name TEXT, p_description TEXT, p_key TEXT, p_fingerprint UUID)
RETURNS TABLE (status TEXT, room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  known creation_keys;
BEGIN
  room_id := nextval(pg_get_serial_sequence('rooms', 'id'));
  -- Waits for whoever uses the same key at this instant.
  INSERT INTO creation_keys (author_id, operation, key, fingerprint, room_id)
  VALUES (p_actor, 'createRoom', p_key, p_fingerprint, room_id) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO known FROM creation_keys k WHERE k.author_id = p_actor AND k.operation = 'createRoom' AND k.key = p_key COLLATE "C";
    room_id := known.room_id;
    room_seq := 2; -- RoomCreated and the creator's MemberJoined
    status := CASE WHEN known.fingerprint = p_fingerprint THEN 'REPLAYED' ELSE 'KEY_CONFLICT' END;
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO rooms (id, kind, name, description, created_by) VALUES (room_id, p_kind, p_name, p_description, p_actor);
  INSERT INTO room_heads (room_id) VALUES (room_id);
  PERFORM append_room_event(room_id, 1::smallint, p_actor, NULL, NULL);
  room_seq := admit_members(room_id, p_actor, ARRAY[p_actor], 50::smallint, true, NULL);
  status := 'OK';
  RETURN NEXT;
END $$;
