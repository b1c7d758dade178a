-- Removes reactions of erased users, each with its event. Returns how many there were.
CREATE OR REPLACE FUNCTION remove_reactions(p_reactions reactions[]) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r reactions; head room_heads;
BEGIN
  PERFORM lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_reactions) AS u), false);
  FOREACH r IN ARRAY p_reactions LOOP
    SELECT * INTO head FROM room_heads h WHERE h.room_id = r.room_id;
    IF remove_reaction(r.room_id, r.room_seq, r.user_id, r.emoji) AND head.state < 2 THEN
      PERFORM append_room_event(r.room_id, 11::smallint, NULL, r.room_seq,
        reaction_facts(r.room_id, r.room_seq, r.emoji) || jsonb_build_object('userId', r.user_id, 'isAdded', false));
    END IF;
  END LOOP;
  RETURN cardinality(p_reactions);
END $$;
