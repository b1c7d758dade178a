-- Removes all earlier texts of messages. One statement for each, so that the planner cannot choose to read the whole index.
CREATE OR REPLACE FUNCTION remove_revisions(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  FOR i IN 1..cardinality(p_rooms) LOOP
    DELETE FROM message_revisions r WHERE r.room_id = p_rooms[i] AND r.room_seq = p_room_seqs[i];
  END LOOP;
END $$;
