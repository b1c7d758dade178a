-- All parts of a text with one, two or three characters.
CREATE OR REPLACE FUNCTION text_parts(p_text TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT array_agg(part[1]) FROM (
  SELECT regexp_matches(substr(p_text, start), '...', 'g') AS part FROM generate_series(1, 3) AS start
  UNION ALL SELECT regexp_matches(substr(p_text, start), '..', 'g') FROM generate_series(1, 2) AS start
  UNION ALL SELECT regexp_matches(p_text, '.', 'g')) AS parts);
