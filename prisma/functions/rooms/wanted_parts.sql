-- The longest parts of a text: every text that contains it has all of them.
CREATE OR REPLACE FUNCTION wanted_parts(p_text TEXT) RETURNS TEXT[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN p_text = '' THEN '{}' WHEN char_length(p_text) <= 3 THEN ARRAY[p_text]
  ELSE (SELECT array_agg(substr(p_text, start, 3)) FROM generate_series(1, char_length(p_text) - 2) AS start) END;
