-- Removes the titles of threads whose roots were erased, each with its event. Returns the last number of the room's log.
CREATE OR REPLACE FUNCTION erase_titles(p_room BIGINT, p_roots BIGINT[], p_user BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_root BIGINT; v_seq BIGINT;
BEGIN
  PERFORM lock_rooms(ARRAY[p_room], false);
  FOR v_root IN SELECT t.root_seq FROM threads t WHERE t.room_id = p_room AND t.root_seq = ANY (p_roots) AND t.title IS NOT NULL ORDER BY t.root_seq LOOP
    UPDATE threads t SET title = NULL WHERE t.room_id = p_room AND t.root_seq = v_root;
    v_seq := append_room_event(p_room, 12::smallint, p_user, v_root, NULL);
  END LOOP;
  RETURN v_seq;
END $$;
