-- The same of a batch of edits: an edit mentions whom its text names, whoever its author is.
CREATE OR REPLACE FUNCTION mentions_of_edits(p_edits message_edit[], p_mentions mention_name[]) RETURNS JSONB[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_facts JSONB[] := array_fill(NULL::jsonb, ARRAY[cardinality(p_edits)]); named RECORD;
BEGIN
  FOR named IN SELECT u.ord, array_agg(u.name) AS names FROM unnest(p_mentions) AS u GROUP BY u.ord LOOP
    v_facts[named.ord] := mention_facts(p_edits[named.ord].room_id, p_edits[named.ord].actor_id, named.names);
  END LOOP;
  RETURN v_facts;
END $$;
