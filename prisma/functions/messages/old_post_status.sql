-- The number of a posting status in the previous release.
CREATE OR REPLACE FUNCTION old_post_status(p_status TEXT) RETURNS SMALLINT LANGUAGE sql IMMUTABLE AS $$
  SELECT (array_position(ARRAY['OK', 'REPLAYED', 'KEY_CONFLICT', 'NOT_FOUND', 'ARCHIVED', 'FORBIDDEN', 'TIMED_OUT', 'AGAIN', 'NO_QUOTE', 'BUSY',
    'FULL'], CASE p_status WHEN 'SLOW_MODE' THEN 'TIMED_OUT' ELSE p_status END) - 1)::smallint
$$;
