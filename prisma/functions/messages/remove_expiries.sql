-- Forgets when deleted messages expire.
CREATE OR REPLACE FUNCTION remove_expiries(p_rooms BIGINT[], p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM message_expiries s WHERE s.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(p_rooms, p_room_seqs) AS x(room_id, room_seq)
    CROSS JOIN LATERAL (SELECT o.ctid FROM message_expiries o WHERE o.room_id = x.room_id AND o.room_seq = x.room_seq OFFSET 0) o));
END $$;
