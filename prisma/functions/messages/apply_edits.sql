-- Edits a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME, BUSY, NOT_FOUND, NOT_AUTHOR, ARCHIVED, DELETED, FORBIDDEN, TIMED_OUT, VERSION (the version was passed by), FULL
-- An edit speaks to the room like a post: it needs the right to post, or for a reply that is only in a thread, to reply.
-- SAME repeats what the same author already made of it.
-- details: the message before; as mentions what the event says of them, if the message mentions anybody now or did before
-- A forwarded message with another text is no forward any more.
-- p_parts: new metadata of some of them, in place of the old. Others keep theirs.
-- Edits of one message are judged one after the other: the second of them in a second round.
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_edits(p_edits message_edit[], p_busy BIGINT[], p_mentions mention_name[],
  p_parts edited_part[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  v_rounds INT := (SELECT max(x.n) FROM (SELECT count(*) AS n FROM unnest(p_edits) AS u GROUP BY u.room_id, u.room_seq) x);
  v_mentions JSONB[]; v_metadata JSONB[]; outcomes change_outcome[] := '{}'; v_more change_outcome[];
BEGIN
  IF cardinality(p_mentions) > 0 THEN
    v_mentions := mentions_of_edits(p_edits, p_mentions);
  END IF;
  IF cardinality(p_parts) > 0 THEN
    v_metadata := ARRAY(SELECT (SELECT p.content FROM unnest(p_parts) AS p WHERE p.ord = n AND p.name = 'metadata') FROM generate_series(1, cardinality(p_edits)) AS n ORDER BY n);
  END IF;
  FOR v_round IN 1..v_rounds LOOP
    WITH given AS (
      SELECT u.*, row_number() OVER (PARTITION BY u.room_id, u.room_seq ORDER BY u.ord) AS round
      FROM unnest(p_edits) WITH ORDINALITY AS u(room_id, room_seq, actor_id, text, expected_version, ord)
    ), judged AS (
      SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.version AS old_version, old.text AS old_text,
        message_record(old.message) || CASE WHEN old.text = u.text THEN '{"hasSameText": true}'::jsonb ELSE '{}' END AS record, w.username, w.display_name, s.was,
        CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
          WHEN m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq) THEN 'NOT_FOUND'
          WHEN old.author_id <> u.actor_id THEN 'NOT_AUTHOR'
          WHEN h.state = 1 THEN 'ARCHIVED'
          WHEN old.text IS NULL OR old.expires_at <= v_now THEN 'DELETED'
          ELSE coalesce(nullif(post_status(m.role, m.is_hidden, m.permission_bits | CASE WHEN old.seq IS NOT NULL OR m.permission_bits & 16384 = 0 THEN 0 ELSE 1 END, m.timeout_until, h.state, v_now), 'OK'), CASE
            WHEN old.text = u.text AND (v_metadata[u.ord] IS NULL OR v_metadata[u.ord] = stored_metadata(old.room_id, old.room_seq)) AND (u.expected_version IS NULL OR u.expected_version IN (old.version, old.version - 1)) THEN 'SAME'
            WHEN u.expected_version <> old.version THEN 'VERSION'
            WHEN h.last_room_seq > max_seq() - cardinality(p_edits) THEN 'FULL'
            ELSE 'OK' END) END AS status
      FROM given u
      LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
      LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
      LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
      LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
      LEFT JOIN LATERAL stored_mentions(old.room_id, old.room_seq) AS s(was) ON true
      WHERE u.round = v_round
    ), numbered AS MATERIALIZED (
      SELECT j.*, CASE WHEN coalesce(j.was, v_mentions[j.ord]) IS NOT NULL THEN jsonb_build_object('was', j.was, 'now', v_mentions[j.ord]) END AS facts, j.last_room_seq + count(*) FILTER (WHERE j.status = 'OK') OVER (PARTITION BY j.room_id ORDER BY j.ord) AS new_room_seq
      FROM judged j
    ), made AS MATERIALIZED (
      SELECT * FROM numbered n WHERE n.status = 'OK'
    ), revision AS (
      INSERT INTO message_revisions SELECT n.room_id, n.room_seq, n.old_version, n.old_text, n.at, n.actor_id FROM made n
    ), message AS (
      UPDATE messages m SET text = n.text, version = m.version + 1, edited_at = n.at
      FROM made n WHERE m.room_id = n.room_id AND m.room_seq = n.room_seq
    ), event AS (
      INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
      SELECT n.room_id, n.new_room_seq, 6, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at, n.facts FROM made n
    ), head AS (
      UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
      FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
    )
    SELECT array_agg(ROW('edit', n.ord, n.status, n.new_room_seq, n.last_message_seq, n.at, n.username, n.display_name,
      CASE WHEN n.facts IS NULL THEN n.record ELSE n.record || jsonb_build_object('mentions', n.facts) END)::change_outcome)
    INTO v_more FROM numbered n;
    PERFORM replace_mentions(array_agg(p_edits[o.ord].room_id), array_agg(p_edits[o.ord].room_seq), array_agg((o.details ->> 'seq')::bigint),
      array_agg(o.details -> 'mentions'))
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND o.details ? 'mentions' HAVING count(*) > 0;
    PERFORM replace_reply_mentions(array_agg(p_edits[o.ord].room_id), array_agg((o.details ->> 'threadRootSeq')::bigint),
      array_agg((o.details ->> 'threadSeq')::bigint), array_agg(o.details -> 'mentions'))
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND o.details ? 'mentions' AND o.details ->> 'threadSeq' IS NOT NULL HAVING count(*) > 0;
    PERFORM remove_forwards(array_agg(p_edits[o.ord].room_id), array_agg(p_edits[o.ord].room_seq))
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND NOT o.details ? 'hasSameText' HAVING count(*) > 0;
    PERFORM replace_metadata(p_edits[o.ord].room_id, p_edits[o.ord].room_seq, v_metadata[o.ord])
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND v_metadata[o.ord] IS NOT NULL;
    PERFORM remove_revision(p_edits[o.ord].room_id, p_edits[o.ord].room_seq, (o.details ->> 'version')::int - 100)
    FROM unnest(v_more) AS o WHERE o.status = 'OK' AND (o.details ->> 'version')::int > 100;
    outcomes := outcomes || v_more;
  END LOOP;
  RETURN outcomes;
END $$;
