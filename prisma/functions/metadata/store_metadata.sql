-- Stores the metadata of new messages.
CREATE OR REPLACE FUNCTION store_metadata(p_parts message_part[]) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  INSERT INTO message_metadata (room_id, room_seq, entries)
  SELECT p.room_id, p.room_seq, p.content FROM unnest(p_parts) AS p WHERE p.name = 'metadata'
$$;
