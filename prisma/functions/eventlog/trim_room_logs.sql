-- Deletes events from before a time from the logs of some rooms, except the newest one, which marks the position of old
-- snapshots. Times never run backwards in a room, so a binary search finds the position. Returns the checked rooms and
-- the last of them, for the next call.
CREATE OR REPLACE FUNCTION trim_room_logs(p_before TIMESTAMPTZ, p_after_room BIGINT, p_rooms INT)
RETURNS TABLE (last_room BIGINT, deleted BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  head RECORD; lo BIGINT; hi BIGINT; mid BIGINT; v_at TIMESTAMPTZ; v_deleted BIGINT;
BEGIN
  deleted := 0;
  FOR head IN SELECT h.room_id, h.last_room_seq FROM room_heads h WHERE h.room_id > p_after_room ORDER BY h.room_id LIMIT p_rooms LOOP
    last_room := head.room_id;
    SELECT e.room_seq, e.created_at INTO lo, v_at FROM room_events e WHERE e.room_id = head.room_id ORDER BY e.room_seq LIMIT 1;
    CONTINUE WHEN lo IS NULL OR v_at >= p_before;
    hi := head.last_room_seq + 1;
    WHILE hi - lo > 1 LOOP -- invariant: lo is from before the time, hi is not
      mid := (lo + hi) / 2;
      SELECT e.created_at INTO v_at FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq = mid;
      IF v_at < p_before THEN lo := mid; ELSE hi := mid; END IF;
    END LOOP;
    DELETE FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq < lo;
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    deleted := deleted + v_deleted;
  END LOOP;
  RETURN NEXT;
END $$;
