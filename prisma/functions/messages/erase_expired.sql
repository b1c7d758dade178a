-- Erases expired messages of deleted rooms. There is no event: RoomDeleted is the last one, and nobody reads the room.
CREATE OR REPLACE FUNCTION erase_expired(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_rooms BIGINT[]; v_room_seqs BIGINT[];
BEGIN
  SELECT array_agg(x.room_id), array_agg(x.room_seq) INTO v_rooms, v_room_seqs FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT FROM room_heads h WHERE h.room_id = x.room_id AND h.state = 2 LIMIT 1) h
  CROSS JOIN LATERAL (SELECT FROM message_expiries e WHERE e.room_id = x.room_id AND e.room_seq = x.room_seq AND e.expires_at <= clock_timestamp() LIMIT 1) e;
  IF v_rooms IS NOT NULL THEN
    FOR i IN 1..cardinality(v_rooms) LOOP
      UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = m.expires_at
      WHERE m.room_id = v_rooms[i] AND m.room_seq = v_room_seqs[i] AND m.text IS NOT NULL;
    END LOOP;
    PERFORM remove_satellites(v_rooms, v_room_seqs);
    PERFORM remove_revisions(v_rooms, v_room_seqs);
    PERFORM remove_expiries(v_rooms, v_room_seqs);
  END IF;
END $$;
