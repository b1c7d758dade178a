-- Adds and removes a batch of reactions, one after the other. The caller holds the locks of the rooms; those in p_busy are
-- locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, DELETED, ARCHIVED, FORBIDDEN, TIMED_OUT, LIMIT (20 emoji under the message), FULL
-- Adding speaks to the room: it needs the right to post. Members may always take back their own.
CREATE OR REPLACE FUNCTION apply_reactions(p_reactions message_reaction[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  given RECORD; head room_heads; member memberships; message messages; actor users; author users;
  v_facts JSONB; outcome change_outcome; outcomes change_outcome[] := '{}';
BEGIN
  FOR given IN SELECT u.* FROM unnest(p_reactions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, emoji, is_added, ord) ORDER BY u.ord LOOP
    SELECT * INTO head FROM room_heads h WHERE h.room_id = given.room_id;
    SELECT * INTO member FROM memberships m WHERE m.room_id = given.room_id AND m.user_id = given.actor_id AND NOT m.is_hidden;
    SELECT * INTO message FROM messages m WHERE m.room_id = given.room_id AND m.room_seq = given.room_seq;
    SELECT * INTO actor FROM users w WHERE w.id = given.actor_id;
    outcome := NULL;
    outcome.kind := 'reaction'; outcome.ord := given.ord; outcome.room_seq := head.last_room_seq; outcome.message_seq := head.last_message_seq;
    outcome.username := actor.username; outcome.display_name := actor.display_name;
    outcome.status := CASE WHEN given.room_id = ANY (p_busy) THEN 'BUSY'
      WHEN member.room_id IS NULL OR message.room_id IS NULL OR head.state = 2 OR message.seq < member.visible_from_seq THEN 'NOT_FOUND'
      WHEN message.text IS NULL THEN CASE WHEN given.is_added THEN 'DELETED' ELSE 'SAME' END
      WHEN head.state = 1 THEN 'ARCHIVED'
      WHEN head.last_room_seq >= max_seq() - cardinality(p_reactions) THEN 'FULL'
      WHEN NOT given.is_added THEN 'OK'
      ELSE post_status(member.role, member.is_hidden, member.permission_bits, member.timeout_until, head.state, clock_timestamp()) END;
    IF outcome.status = 'OK' AND given.is_added AND (SELECT count(*) >= 20 AND bool_and(g.emoji <> given.emoji)
        FROM reaction_groups g WHERE g.room_id = given.room_id AND g.room_seq = given.room_seq) THEN
      outcome.status := 'LIMIT';
    END IF;
    IF outcome.status = 'OK' AND NOT set_reaction(given.room_id, given.room_seq, given.actor_id, given.emoji, given.is_added, head.last_room_seq + 1) THEN
      outcome.status := 'SAME';
    END IF;
    IF outcome.status = 'OK' THEN
      v_facts := reaction_facts(given.room_id, given.room_seq, given.emoji)
        || jsonb_build_object('userId', given.actor_id, 'isAdded', given.is_added);
      outcome.room_seq := append_room_event(given.room_id, 11::smallint, given.actor_id, given.room_seq, v_facts);
      SELECT h.last_at INTO outcome.created_at FROM room_heads h WHERE h.room_id = given.room_id;
      SELECT * INTO author FROM users a WHERE a.id = message.author_id;
      outcome.details := jsonb_build_object('facts', v_facts, 'message', message_record(message) || jsonb_build_object('text', message.text),
        'author', jsonb_build_object('id', author.id, 'username', author.username, 'displayName', author.display_name,
          'deletedAt', timeout_ms(author.deleted_at)));
    ELSIF outcome.status = 'SAME' THEN
      outcome.details := jsonb_build_object('facts', reaction_facts(given.room_id, given.room_seq, given.emoji));
    END IF;
    outcomes := outcomes || outcome;
  END LOOP;
  RETURN outcomes;
END $$;
