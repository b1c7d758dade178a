-- Stores the polls of new messages, and adds the jobs of the module polls that close them.
CREATE OR REPLACE FUNCTION store_polls(p_parts message_part[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO polls (room_id, room_seq, options, counts, max_choices, is_anonymous, hides_results, closes_at)
  SELECT p.room_id, p.room_seq, x.options, array_fill(0, ARRAY[cardinality(x.options)]), (p.content ->> 'maxChoices')::int,
    (p.content ->> 'isAnonymous')::boolean, (p.content ->> 'hidesResults')::boolean, (p.content ->> 'closesAt')::timestamptz
  FROM unnest(p_parts) AS p
  CROSS JOIN LATERAL (SELECT ARRAY(SELECT jsonb_array_elements_text(p.content -> 'options')) AS options) x
  WHERE p.name = 'poll';
  PERFORM jobs.add_job('close-poll', json_build_object('roomId', p.room_id, 'roomSeq', p.room_seq), run_at => (p.content ->> 'closesAt')::timestamptz)
  FROM unnest(p_parts) AS p WHERE p.name = 'poll' AND p.content ->> 'closesAt' IS NOT NULL;
END $$;
