-- Finds for each room the last event that a snapshot saw: steps of 1, 2, 4, … back from the head, then halving. It does
-- not read the stamps of events up to frozen_room_seq, which belong to an older epoch.
CREATE OR REPLACE FUNCTION positions_at(p_rooms BIGINT[], p_xmin BIGINT, p_xmax BIGINT, p_xip BIGINT[])
RETURNS TABLE (room_id BIGINT, prefix BIGINT) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  head RECORD; lo BIGINT; hi BIGINT; mid BIGINT; step BIGINT; s BIGINT; oldest BIGINT; oldest_stamp BIGINT;
BEGIN
  FOR head IN SELECT h.room_id, h.last_room_seq, h.last_stamp, h.frozen_room_seq FROM room_heads h WHERE h.room_id = ANY (p_rooms) LOOP
    room_id := head.room_id; lo := head.last_room_seq; hi := lo + 1; step := 1; oldest := NULL;
    IF NOT (head.last_stamp < p_xmin OR head.last_stamp < p_xmax AND head.last_stamp <> ALL (p_xip)) THEN
      LOOP -- invariant: the snapshot saw no event from hi on
        EXIT WHEN lo <= head.frozen_room_seq;
        SELECT e.stamp INTO s FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq = lo;
        IF NOT FOUND THEN -- trimmed: start again from the oldest that is left
          SELECT e.room_seq, e.stamp INTO oldest, oldest_stamp FROM room_events e WHERE e.room_id = head.room_id ORDER BY e.room_seq LIMIT 1;
          lo := CASE WHEN oldest_stamp < p_xmin OR oldest_stamp < p_xmax AND oldest_stamp <> ALL (p_xip) THEN oldest END;
          EXIT;
        END IF;
        EXIT WHEN s < p_xmin OR s < p_xmax AND s <> ALL (p_xip);
        hi := lo; lo := lo - step; step := step * 2;
      END LOOP;
      IF lo <= head.frozen_room_seq THEN
        lo := head.frozen_room_seq;
        -- nothing seen back to the boundary: true only if the event behind it is still there
        IF hi > lo + 1 AND NOT EXISTS (SELECT FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq = lo + 1) THEN
          SELECT e.room_seq, e.stamp INTO oldest, oldest_stamp FROM room_events e WHERE e.room_id = head.room_id ORDER BY e.room_seq LIMIT 1;
          lo := CASE WHEN oldest_stamp < p_xmin OR oldest_stamp < p_xmax AND oldest_stamp <> ALL (p_xip) THEN oldest END;
        END IF;
      END IF;
      WHILE lo IS NOT NULL AND hi - lo > 1 LOOP
        mid := (lo + hi) / 2;
        SELECT e.stamp INTO s FROM room_events e WHERE e.room_id = head.room_id AND e.room_seq = mid;
        IF NOT FOUND OR s < p_xmin OR s < p_xmax AND s <> ALL (p_xip) THEN lo := mid; ELSE hi := mid; END IF;
      END LOOP;
    END IF;
    prefix := lo;
    RETURN NEXT;
  END LOOP;
END $$;
