-- Whom each post of a batch mentions, by its place; NULL where it is nobody.
CREATE OR REPLACE FUNCTION mentions_of_posts(p_posts new_message[], p_mentions mention_name[]) RETURNS JSONB[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_facts JSONB[] := array_fill(NULL::jsonb, ARRAY[cardinality(p_posts)]); named RECORD;
BEGIN
  FOR named IN SELECT u.ord, array_agg(u.name) AS names FROM unnest(p_mentions) AS u GROUP BY u.ord LOOP
    v_facts[named.ord] := mention_facts(p_posts[named.ord].room_id, p_posts[named.ord].author_id, named.names);
  END LOOP;
  RETURN v_facts;
END $$;
