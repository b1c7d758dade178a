-- Locks the heads of rooms in one order. With p_skip_locked it waits for none, and returns the rooms that others have
-- locked.
CREATE OR REPLACE FUNCTION lock_rooms(p_rooms BIGINT[], p_skip_locked BOOLEAN) RETURNS BIGINT[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_locked BIGINT[];
BEGIN
  IF NOT p_skip_locked THEN
    PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (p_rooms) ORDER BY h.room_id FOR NO KEY UPDATE;
    RETURN '{}';
  END IF;
  v_locked := ARRAY(SELECT h.room_id FROM room_heads h WHERE h.room_id = ANY (p_rooms) ORDER BY h.room_id FOR NO KEY UPDATE SKIP LOCKED);
  RETURN ARRAY(SELECT h.room_id FROM room_heads h WHERE h.room_id = ANY (p_rooms) AND h.room_id <> ALL (v_locked));
END $$;
