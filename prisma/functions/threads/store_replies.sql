-- Stores what new replies change in their threads: numbers, participants, followers and mentions. The caller holds the locks of the
-- rooms. To reply is to follow and to have read; the author of the root follows from the first reply on, and whoever is mentioned.
CREATE OR REPLACE FUNCTION store_replies(p_replies placed_reply[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO threads AS t (room_id, root_seq, last_thread_seq, last_room_seq, last_reply_at)
  SELECT u.room_id, u.root_seq, max(u.thread_seq), max(u.room_seq), max(u.created_at) FROM unnest(p_replies) AS u GROUP BY u.room_id, u.root_seq
  ON CONFLICT (room_id, root_seq) DO UPDATE SET last_thread_seq = excluded.last_thread_seq, last_room_seq = excluded.last_room_seq,
    last_reply_at = excluded.last_reply_at;
  UPDATE threads t SET participant_count = t.participant_count + x.count, participant_ids = (t.participant_ids || x.ids)[1:20]
  FROM (SELECT a.room_id, a.root_seq, count(*) AS count, array_agg(a.author_id ORDER BY a.thread_seq) AS ids
    FROM (SELECT u.room_id, u.root_seq, u.author_id, min(u.thread_seq) AS thread_seq FROM unnest(p_replies) AS u GROUP BY 1, 2, 3) a
    LEFT JOIN LATERAL (SELECT m.is_participant FROM thread_members m
      WHERE m.room_id = a.room_id AND m.root_seq = a.root_seq AND m.user_id = a.author_id LIMIT 1) m ON true
    WHERE m.is_participant IS NOT TRUE GROUP BY a.room_id, a.root_seq) x
  WHERE t.room_id = x.room_id AND t.root_seq = x.root_seq;
  INSERT INTO thread_members AS m (room_id, root_seq, user_id, is_following, is_participant, read_seq)
  SELECT u.room_id, u.root_seq, u.author_id, true, true, max(u.thread_seq) FROM unnest(p_replies) AS u GROUP BY 1, 2, 3
  ON CONFLICT (room_id, root_seq, user_id) DO UPDATE SET is_following = true, is_participant = true, read_seq = greatest(m.read_seq, excluded.read_seq);
  INSERT INTO thread_members (room_id, root_seq, user_id, is_following)
  SELECT u.room_id, u.root_seq, u.root_author_id, true FROM unnest(p_replies) AS u
  CROSS JOIN LATERAL (SELECT FROM memberships o WHERE o.room_id = u.room_id AND o.user_id = u.root_author_id LIMIT 1) o
  WHERE u.thread_seq = 1 ON CONFLICT (room_id, root_seq, user_id) DO NOTHING;
  PERFORM store_mentions(array_agg(u.room_id), array_agg(u.room_seq), array_agg(u.seq), array_agg(u.mentions))
  FROM unnest(p_replies) AS u WHERE u.mentions IS NOT NULL HAVING count(*) > 0;
  PERFORM store_reply_mentions(array_agg(u.room_id), array_agg(u.root_seq), array_agg(u.thread_seq), array_agg(u.mentions))
  FROM unnest(p_replies) AS u WHERE u.mentions IS NOT NULL HAVING count(*) > 0;
END $$;
