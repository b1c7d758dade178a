-- Moves every log consumer to the current snapshot, before the stamps of older events become meaningless. Rooms with
-- unprocessed events are set aside with their positions as numbers. The caller has locked consumers and room_heads.
CREATE OR REPLACE FUNCTION rebase_consumers() RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  c consumers; v_seen PG_SNAPSHOT; v_done PG_SNAPSHOT; room RECORD; v_after BIGINT; v_oldest BIGINT;
BEGIN
  FOR c IN SELECT * FROM consumers ORDER BY name LOOP
    v_seen := c.seen::pg_snapshot;
    v_done := coalesce(c.goal, c.seen)::pg_snapshot; -- of the rooms below c.room_id
    FOR room IN
      SELECT h.room_id, CASE WHEN h.room_id < c.room_id THEN v_done ELSE v_seen END AS at FROM room_heads h
      WHERE NOT pg_visible_in_snapshot(h.last_stamp::text::xid8, CASE WHEN h.room_id < c.room_id THEN v_done ELSE v_seen END)
        AND NOT EXISTS (SELECT FROM consumer_rooms r WHERE r.consumer = c.name AND r.room_id = h.room_id)
    LOOP
      IF room.room_id = c.room_id AND c.room_seq > 0 THEN
        v_after := c.room_seq;
      ELSE
        SELECT p.prefix INTO v_after FROM positions_at(ARRAY[room.room_id], pg_snapshot_xmin(room.at)::text::bigint,
          pg_snapshot_xmax(room.at)::text::bigint, ARRAY(SELECT x::text::bigint FROM pg_snapshot_xip(room.at) AS x)) p;
      END IF;
      IF v_after IS NULL THEN
        SELECT min(e.room_seq) - 1 INTO v_oldest FROM room_events e WHERE e.room_id = room.room_id;
        v_after := v_oldest;
        INSERT INTO consumer_skips (consumer, room_id, after_seq, until_seq, reason)
        VALUES (c.name, room.room_id, NULL, v_oldest, 'trimmed');
      END IF;
      INSERT INTO consumer_rooms (consumer, room_id, after_seq) VALUES (c.name, room.room_id, v_after);
    END LOOP;
  END LOOP;
  UPDATE consumers SET seen = pg_current_snapshot()::text, seen_at = clock_timestamp(), goal = NULL, goal_at = NULL,
    room_id = 0, room_seq = 0, version = version + 1;
END $$;
