-- Begins a new epoch: earlier cursors become foreign, and earlier stamps are no longer compared. With p_seen it rotates
-- only in that epoch, so that only one of several nodes does. Returns whether it rotated. The lock waits for writers of
-- rooms and blocks new ones; readers continue. It changes room heads, not events. It locks consumers first, like their
-- workers, whose effects may write to rooms.
CREATE OR REPLACE FUNCTION rotate_epoch(p_seen BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM FROM consumers ORDER BY name FOR UPDATE;
  LOCK TABLE room_heads IN EXCLUSIVE MODE;
  IF p_seen <> current_epoch() THEN
    RETURN false;
  END IF;
  PERFORM rebase_consumers();
  UPDATE room_heads SET frozen_room_seq = last_room_seq, last_stamp = 0, top_stamp = 0
  WHERE frozen_room_seq <> last_room_seq OR last_stamp <> 0 OR top_stamp <> 0;
  UPDATE incarnation SET epoch = gen_random_uuid(), rotated_at = now(), home = incarnation_home(pg_current_xact_id()::text::bigint);
  RETURN true;
END $$;
