-- Erases messages of a deleted room. There is no event: RoomDeleted is the last one, and nobody reads the room.
CREATE OR REPLACE FUNCTION erase_in_deleted_room(p_room BIGINT, p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_rooms BIGINT[] := array_fill(p_room, ARRAY[cardinality(p_room_seqs)]);
BEGIN
  UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = clock_timestamp()
  WHERE m.room_id = p_room AND m.room_seq = ANY (p_room_seqs) AND m.text IS NOT NULL;
  PERFORM remove_satellites(v_rooms, p_room_seqs);
  PERFORM remove_revisions(v_rooms, p_room_seqs);
  PERFORM remove_expiries(v_rooms, p_room_seqs);
  UPDATE threads t SET title = NULL WHERE t.room_id = p_room AND t.root_seq = ANY (p_room_seqs) AND t.title IS NOT NULL;
END $$;
