-- How many numbers of a set are above p_seq: of each level the blocks up to the end of the block of the next level.
CREATE OR REPLACE FUNCTION tally_above(p_room BIGINT, p_subject BIGINT, p_seq BIGINT) RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(x.count), 0)::bigint FROM generate_series(0, 4) AS l(level)
  CROSS JOIN LATERAL (SELECT sum(t.count) AS count FROM tallies t
    WHERE t.room_id = p_room AND t.subject = p_subject AND t.level = l.level AND t.block > p_seq >> 6 * l.level
      AND t.block < CASE WHEN l.level = 4 THEN max_seq() ELSE ((p_seq >> 6 * (l.level + 1)) + 1) << 6 END) x
$$;
