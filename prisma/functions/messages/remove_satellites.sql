-- Removes what is attached to deleted messages: every table that a registration of a satellite names.
CREATE OR REPLACE FUNCTION remove_satellites(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM reactions s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
  DELETE FROM reaction_groups s USING unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq) WHERE s.room_id = x.room_id AND s.room_seq = x.room_seq;
  -- A join with a table that was empty when it was planned reads the whole index.
  DELETE FROM message_mentions s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_mentions o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  DELETE FROM pins s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM pins o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  DELETE FROM polls s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM polls o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  DELETE FROM poll_votes s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM poll_votes o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  DELETE FROM message_metadata s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_metadata o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
  PERFORM remove_forwards(p_rooms, p_room_seqs);
  DELETE FROM message_locations s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_locations o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
END $$;
