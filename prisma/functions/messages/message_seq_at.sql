-- Finds the number of the first message at or after a time. Times never run backwards in a room, so a binary search
-- works.
CREATE OR REPLACE FUNCTION message_seq_at(p_room BIGINT, p_at TIMESTAMPTZ) RETURNS BIGINT LANGUAGE plpgsql STABLE AS $$
DECLARE
  lo BIGINT := 1; hi BIGINT; mid BIGINT; v_at TIMESTAMPTZ;
BEGIN
  SELECT last_message_seq + 1 INTO hi FROM room_heads WHERE room_id = p_room;
  WHILE lo < hi LOOP
    mid := (lo + hi) / 2;
    SELECT created_at INTO v_at FROM messages WHERE room_id = p_room AND seq = mid;
    IF v_at < p_at THEN lo := mid + 1; ELSE hi := mid; END IF;
  END LOOP;
  RETURN lo;
END $$;
