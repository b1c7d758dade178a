-- Takes numbers out of sets that they are in. The caller holds the locks of the rooms.
CREATE OR REPLACE FUNCTION remove_from_tallies(p_rooms BIGINT[], p_subjects BIGINT[], p_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  UPDATE tallies t SET count = t.count - y.count
  FROM (SELECT x.room_id, x.subject, l.level, x.seq >> 6 * l.level AS block, count(*) AS count
    FROM unnest(p_rooms, p_subjects, p_seqs) AS x(room_id, subject, seq) CROSS JOIN generate_series(0, 4) AS l(level) GROUP BY 1, 2, 3, 4) y
  WHERE t.room_id = y.room_id AND t.subject = y.subject AND t.level = y.level AND t.block = y.block;
  DELETE FROM tallies t USING (SELECT DISTINCT x.room_id, x.subject, l.level, x.seq >> 6 * l.level AS block
    FROM unnest(p_rooms, p_subjects, p_seqs) AS x(room_id, subject, seq) CROSS JOIN generate_series(0, 4) AS l(level)) y
  WHERE t.room_id = y.room_id AND t.subject = y.subject AND t.level = y.level AND t.block = y.block AND t.count = 0;
END $$;
