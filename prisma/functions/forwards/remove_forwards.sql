-- Makes forwarded messages ordinary ones: their texts have changed.
CREATE OR REPLACE FUNCTION remove_forwards(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  DELETE FROM forwards s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM forwards o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o))
$$;
