-- Stamps are transaction numbers of one server. After a dump and restore they belong to another one, so they are
-- replaced by a boundary per room: every snapshot of the current epoch saw the events up to frozen_room_seq.
ALTER TABLE room_heads ADD COLUMN frozen_room_seq BIGINT NOT NULL DEFAULT 0;
-- Server, database and transaction that last rotated the epoch. A copy of the row by other means has another one.
ALTER TABLE incarnation ADD COLUMN home TEXT;

-- p_xid is the transaction that wrote the row. A dump and restore changes it even in the same database.
CREATE FUNCTION incarnation_home(p_xid BIGINT) RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT concat_ws('/', c.system_identifier, d.oid, p_xid & 4294967295)
  FROM pg_control_system() c, pg_database d WHERE d.datname = current_database()
$$;

-- Names the data as long as its numbers continue: 32 bits of a digest. NULL on a standby. The timeline is that of the
-- WAL being written: the control file learns of a promotion only at the next checkpoint.
-- STABLE, so that it answers for the snapshot of the statement that calls it.
CREATE FUNCTION current_epoch() RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN NOT pg_is_in_recovery() THEN ('x' || left(encode(sha256(convert_to(concat_ws(' ', i.epoch,
      incarnation_home(i.xmin::text::bigint), left(pg_walfile_name(pg_current_wal_lsn()), 8)), 'UTF8')), 'hex'), 8))::bit(32)::bigint END
  FROM incarnation i
$$;

-- Begins a new epoch: cursors from before become foreign, and stamps from before are no longer looked at. With p_seen
-- it does so only in that epoch, so that of several nodes one rotates. Returns whether it did.
-- The lock waits for writers of rooms and keeps out new ones; readers go on. It touches room heads, not events.
CREATE FUNCTION rotate_epoch(p_seen BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  LOCK TABLE room_heads IN EXCLUSIVE MODE;
  IF p_seen <> current_epoch() THEN
    RETURN false;
  END IF;
  UPDATE room_heads SET frozen_room_seq = last_room_seq, last_stamp = 0
  WHERE frozen_room_seq <> last_room_seq OR last_stamp <> 0;
  UPDATE incarnation SET epoch = gen_random_uuid(), rotated_at = now(), home = incarnation_home(pg_current_xact_id()::text::bigint);
  RETURN true;
END $$;

-- As before, but never looks at the stamps of events up to frozen_room_seq.
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
