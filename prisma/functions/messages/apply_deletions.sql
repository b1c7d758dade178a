-- Deletes a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME (it is deleted already), BUSY, NOT_FOUND, FORBIDDEN, ARCHIVED, FULL
-- Authors may delete their own messages, members with that right those of lower ranks. Without an actor, the message has expired.
-- Time goes on in archived rooms. A user can no longer delete a message that has expired: it is deleted already.
-- A deleted user is the actor of the erasure of the own messages, and of forwards of them, wherever they are.
-- details: the message before; where somebody else deletes it, also its author; as mentions whom it mentioned, if anybody
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_deletions(p_deletions message_deletion[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  outcomes change_outcome[]; v_rooms BIGINT[]; v_room_seqs BIGINT[]; v_seqs BIGINT[]; v_mentions JSONB[];
  v_roots BIGINT[]; v_thread_seqs BIGINT[]; v_actors BIGINT[]; v_authors BIGINT[];
BEGIN
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.author_id, old.seq, old.thread_root_seq, old.thread_seq,
      w.deleted_at IS NOT NULL AS is_erasure,
      CASE WHEN u.actor_id IS NULL THEN old.expires_at ELSE greatest(v_now, h.last_at) END AS deleted_at,
      CASE WHEN old.author_id = u.actor_id THEN message_record(old.message)
        ELSE message_record(old.message) || jsonb_build_object('author', user_record(a.author)) END AS record, w.username, w.display_name, s.mentions,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN w.deleted_at IS NOT NULL THEN CASE WHEN h.state = 2 OR (old.author_id = u.actor_id OR f.author_id = u.actor_id) IS NOT TRUE THEN 'NOT_FOUND'
          WHEN old.text IS NULL THEN 'SAME' WHEN h.last_room_seq > max_seq() - cardinality(p_deletions) THEN 'FULL' ELSE 'OK' END
        WHEN u.actor_id IS NULL AND (h.state < 2 AND old.expires_at <= v_now) IS NOT TRUE THEN 'NOT_FOUND'
        WHEN u.actor_id IS NOT NULL AND (m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq)) THEN 'NOT_FOUND'
        WHEN old.author_id <> u.actor_id AND (m.permission_bits & 16 = 0 OR coalesce(am.role, 0) >= m.role) THEN 'FORBIDDEN'
        WHEN old.text IS NULL OR u.actor_id IS NOT NULL AND old.expires_at <= v_now THEN 'SAME'
        WHEN u.actor_id IS NOT NULL AND h.state = 1 THEN 'ARCHIVED'
        WHEN h.last_room_seq > max_seq() - cardinality(p_deletions) THEN 'FULL'
        ELSE 'OK' END AS status
    FROM unnest(p_deletions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, ord)
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships am
      WHERE old.author_id <> u.actor_id AND am.room_id = u.room_id AND am.user_id = old.author_id LIMIT 1) am ON true
    LEFT JOIN LATERAL (SELECT o.author_id FROM (SELECT f.* FROM forwards f WHERE f.room_id = u.room_id AND f.room_seq = u.room_seq LIMIT 1) f
      CROSS JOIN LATERAL (SELECT o.author_id FROM messages o WHERE o.room_id = f.origin_room_id AND o.room_seq = f.origin_room_seq LIMIT 1) o
      WHERE w.deleted_at IS NOT NULL) f ON true
    LEFT JOIN LATERAL stored_mentions(old.room_id, old.room_seq) AS s(mentions) ON true
    LEFT JOIN LATERAL (SELECT a AS author FROM users a WHERE old.author_id IS DISTINCT FROM u.actor_id AND a.id = old.author_id LIMIT 1) a ON true
  ), once AS (
    SELECT j.*, j.status = 'OK' AND row_number() OVER (PARTITION BY j.room_id, j.room_seq, j.status ORDER BY j.ord) = 1 AS is_made FROM judged j
  ), numbered AS MATERIALIZED (
    SELECT j.*, j.last_room_seq + count(*) FILTER (WHERE j.is_made) OVER (PARTITION BY j.room_id ORDER BY j.ord) AS new_room_seq FROM once j
  ), made AS MATERIALIZED (
    SELECT * FROM numbered n WHERE n.is_made
  ), message AS (
    UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = n.deleted_at
    FROM made n WHERE m.room_id = n.room_id AND m.room_seq = n.room_seq
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT n.room_id, n.new_room_seq, 7, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at,
      CASE WHEN n.is_erasure THEN coalesce(n.mentions, '{"userIds": [], "isEverybody": false}') || '{"isErasure": true}' ELSE n.mentions END FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp),
      last_deleted_seq = greatest(x.seq, h.last_deleted_seq)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at, max(n.seq) AS seq FROM made n GROUP BY n.room_id) x
    WHERE h.room_id = x.room_id
  ), mark AS (
    -- Of authors whose mark was moved back.
    UPDATE memberships m SET own_above = m.own_above - x.gone
    FROM (SELECT n.room_id, n.author_id, o.read_seq, count(*) AS gone FROM made n
      CROSS JOIN LATERAL (SELECT * FROM memberships o WHERE o.room_id = n.room_id AND o.user_id = n.author_id AND o.own_above > 0 LIMIT 1) o
      WHERE n.seq > o.read_seq GROUP BY n.room_id, n.author_id, o.read_seq) x
    WHERE m.room_id = x.room_id AND m.user_id = x.author_id
  )
  SELECT array_agg(ROW('deletion', n.ord, CASE WHEN n.status = 'OK' AND NOT n.is_made THEN 'SAME' ELSE n.status END, n.new_room_seq,
      n.last_message_seq, n.at, n.username, n.display_name,
      CASE WHEN n.mentions IS NULL THEN n.record ELSE n.record || jsonb_build_object('mentions', n.mentions) END)::change_outcome),
    array_agg(n.room_id) FILTER (WHERE n.is_made), array_agg(n.room_seq) FILTER (WHERE n.is_made),
    array_agg(n.seq) FILTER (WHERE n.is_made), array_agg(n.mentions) FILTER (WHERE n.is_made),
    array_agg(n.thread_root_seq) FILTER (WHERE n.is_made), array_agg(n.thread_seq) FILTER (WHERE n.is_made),
    array_agg(CASE WHEN NOT n.is_erasure THEN n.actor_id END) FILTER (WHERE n.is_made), array_agg(n.author_id) FILTER (WHERE n.is_made)
  INTO outcomes, v_rooms, v_room_seqs, v_seqs, v_mentions, v_roots, v_thread_seqs, v_actors, v_authors FROM numbered n;
  IF v_rooms IS NOT NULL THEN
    PERFORM remove_satellites(v_rooms, v_room_seqs);
    PERFORM remove_revisions(v_rooms, v_room_seqs);
    PERFORM remove_expiries(v_rooms, v_room_seqs);
    PERFORM record_act(x.room_id, x.actor_id, 'delete', x.author_id, NULL, NULL, x.room_seq)
    FROM unnest(v_rooms, v_room_seqs, v_actors, v_authors) AS x(room_id, room_seq, actor_id, author_id) WHERE x.actor_id <> x.author_id;
    PERFORM count_mentions(v_rooms, v_seqs, v_mentions, -1);
    PERFORM add_to_tallies(array_agg(x.room_id), array_agg(0::bigint), array_agg(x.seq))
    FROM unnest(v_rooms, v_seqs) AS x(room_id, seq) WHERE x.seq IS NOT NULL HAVING count(*) > 0;
    PERFORM delete_replies(array_agg(x.room_id), array_agg(x.root_seq), array_agg(x.thread_seq), array_agg(x.mentions))
    FROM unnest(v_rooms, v_roots, v_thread_seqs, v_mentions) AS x(room_id, root_seq, thread_seq, mentions)
    WHERE x.root_seq IS NOT NULL HAVING count(*) > 0;
  END IF;
  RETURN outcomes;
END $$;
