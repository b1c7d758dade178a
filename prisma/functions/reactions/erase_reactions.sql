-- Removes reactions of erased users, at most p_limit, each with its event. Returns how many it removed.
CREATE OR REPLACE FUNCTION erase_reactions(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  gone reactions[] := ARRAY(SELECT r FROM users u JOIN reactions r ON r.user_id = u.id WHERE u.deleted_at IS NOT NULL LIMIT p_limit);
  r reactions; head room_heads;
BEGIN
  PERFORM lock_rooms(ARRAY(SELECT u.room_id FROM unnest(gone) AS u), false);
  FOREACH r IN ARRAY gone LOOP
    SELECT * INTO head FROM room_heads h WHERE h.room_id = r.room_id;
    IF remove_reaction(r.room_id, r.room_seq, r.user_id, r.emoji) AND head.state < 2 THEN
      PERFORM append_room_event(r.room_id, 11::smallint, NULL, r.room_seq,
        reaction_facts(r.room_id, r.room_seq, r.emoji) || jsonb_build_object('userId', r.user_id, 'isAdded', false));
    END IF;
  END LOOP;
  RETURN cardinality(gone);
END $$;
