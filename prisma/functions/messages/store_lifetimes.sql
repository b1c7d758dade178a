-- Lets new messages expire at their own time, where that is before the time of their room.
CREATE OR REPLACE FUNCTION store_lifetimes(p_parts message_part[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  FOR i IN 1..cardinality(p_parts) LOOP
    CONTINUE WHEN p_parts[i].name <> 'lifetime';
    UPDATE messages m SET expires_at = least(m.expires_at, p_parts[i].created_at + (p_parts[i].content ->> 'seconds')::int * interval '1 second')
    WHERE m.room_id = p_parts[i].room_id AND m.room_seq = p_parts[i].room_seq;
    INSERT INTO message_expiries AS e (room_id, room_seq, expires_at)
    VALUES (p_parts[i].room_id, p_parts[i].room_seq, p_parts[i].created_at + (p_parts[i].content ->> 'seconds')::int * interval '1 second')
    ON CONFLICT (room_id, room_seq) DO UPDATE SET expires_at = least(e.expires_at, excluded.expires_at);
  END LOOP;
END $$;
