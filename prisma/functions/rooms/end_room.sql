-- Deletes a room whose head the caller has locked: it stays as a tombstone, and its members lose access. Returns the number of the
-- event.
CREATE OR REPLACE FUNCTION end_room(p_room BIGINT, p_actor BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT; v_users BIGINT[];
BEGIN
  UPDATE rooms SET deleted_at = clock_timestamp(), member_count = 0 WHERE id = p_room;
  UPDATE room_heads SET state = 2 WHERE room_id = p_room;
  v_seq := append_room_event(p_room, 4::smallint, p_actor, NULL, NULL);
  SELECT array_agg(m.user_id ORDER BY m.user_id) INTO v_users FROM memberships m WHERE m.room_id = p_room;
  PERFORM append_account_events(v_users, 2::smallint, p_room, array_fill(v_seq, ARRAY[cardinality(v_users)]));
  DELETE FROM memberships m WHERE m.room_id = p_room;
  DELETE FROM permission_overrides o WHERE o.room_id = p_room;
  DELETE FROM former_timeouts f WHERE f.room_id = p_room;
  DELETE FROM slow_mode_posts s WHERE s.room_id = p_room;
  DELETE FROM bans b WHERE b.room_id = p_room;
  PERFORM decline_join_requests(p_room);
  -- A join with a table that was empty when it was planned reads the whole index.
  DELETE FROM drafts d WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(v_users) AS u(user_id)
    CROSS JOIN LATERAL (SELECT o.ctid FROM drafts o WHERE o.user_id = u.user_id AND o.room_id = p_room OFFSET 0) o));
  RETURN v_seq;
END $$;
