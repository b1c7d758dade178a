-- Returns the round of each change of a batch of reactions. All are in the first round, except for changes of a message
-- where a removal may make room for a new emoji. These are checked one after the other, so that the limit of 20 emoji
-- is exact.
CREATE OR REPLACE FUNCTION reaction_rounds(p_reactions message_reaction[]) RETURNS BIGINT[] LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM unnest(p_reactions) AS u WHERE NOT u.is_added) THEN
    RETURN array_fill(1::bigint, ARRAY[cardinality(p_reactions)]);
  END IF;
  RETURN (WITH given AS (
    SELECT u.*, bool_or(u.is_added) OVER of_message AND bool_or(NOT u.is_added) OVER of_message AS is_mixed,
      row_number() OVER (PARTITION BY u.room_id, u.room_seq ORDER BY u.ord) AS nth_of_message
    FROM unnest(p_reactions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, emoji, is_added, ord)
    WINDOW of_message AS (PARTITION BY u.room_id, u.room_seq)
  ), looked_up AS (
    SELECT u.*, u.is_mixed AND u.is_added AND g.emoji IS NULL AS is_new, x.groups
    FROM given u
    LEFT JOIN LATERAL (SELECT * FROM reaction_groups g
      WHERE u.is_mixed AND u.is_added AND g.room_id = u.room_id AND g.room_seq = u.room_seq AND g.emoji = u.emoji LIMIT 1) g ON true
    CROSS JOIN LATERAL (SELECT count(*) AS groups FROM reaction_groups o
      WHERE u.is_mixed AND u.nth_of_message = 1 AND o.room_id = u.room_id AND o.room_seq = u.room_seq) x
  ), counted AS (
    SELECT l.*, dense_rank() OVER (PARTITION BY l.room_id, l.room_seq, l.is_new ORDER BY l.emoji) AS nth_new FROM looked_up l
  ), told AS (
    SELECT c.ord, c.nth_of_message,
      max(c.groups) OVER of_message + max(c.nth_new) FILTER (WHERE c.is_new) OVER of_message > 20 AS is_tight
    FROM counted c WINDOW of_message AS (PARTITION BY c.room_id, c.room_seq)
  )
  SELECT array_agg(CASE WHEN t.is_tight THEN t.nth_of_message ELSE 1 END ORDER BY t.ord) FROM told t);
END $$;
