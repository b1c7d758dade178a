-- Removes mentions of a deleted user, at most p_limit, also the username from the texts. Returns how many it removed.
-- Texts of other users change without an event: nobody needs to learn of it.
CREATE OR REPLACE FUNCTION erase_mentions_of(p_user BIGINT, p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  gone message_mentions[] := ARRAY(SELECT s FROM message_mentions s WHERE s.user_id = p_user LIMIT p_limit);
  -- As mentionAt reads them; underscores behind a name can be the end of emphasis.
  v_pattern TEXT := (SELECT '(?<![A-Za-z0-9_@./\\-])@' || e.username || '(?=_*(?![A-Za-z0-9_@-]))' FROM erasures e WHERE e.user_id = p_user);
  v_name TEXT := '@deleted-' || p_user;
  g message_mentions;
BEGIN
  -- An edit at the same moment would keep the text before in a revision.
  PERFORM lock_rooms(ARRAY(SELECT u.room_id FROM unnest(gone) AS u), false);
  FOREACH g IN ARRAY gone LOOP
    UPDATE messages m SET text = regexp_replace(m.text, v_pattern, v_name, 'gi')
    WHERE m.room_id = g.room_id AND m.room_seq = g.room_seq AND m.text ~* v_pattern;
    UPDATE message_revisions r SET text = regexp_replace(r.text, v_pattern, v_name, 'gi')
    WHERE r.room_id = g.room_id AND r.room_seq = g.room_seq AND r.text ~* v_pattern;
    DELETE FROM message_mentions s WHERE s.room_id = g.room_id AND s.room_seq = g.room_seq AND s.user_id = g.user_id;
  END LOOP;
  RETURN cardinality(gone);
END $$;
