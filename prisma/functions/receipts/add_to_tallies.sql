-- Puts numbers into sets. None of them is in there. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION add_to_tallies(p_rooms BIGINT[], p_subjects BIGINT[], p_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO tallies AS t (room_id, subject, level, block, count)
  SELECT x.room_id, x.subject, l.level, x.seq >> 6 * l.level, count(*)
  FROM unnest(p_rooms, p_subjects, p_seqs) AS x(room_id, subject, seq) CROSS JOIN generate_series(0, 4) AS l(level) GROUP BY 1, 2, 3, 4
  ON CONFLICT (room_id, subject, level, block) DO UPDATE SET count = t.count + excluded.count;
END $$;
