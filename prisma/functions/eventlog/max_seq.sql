-- The largest number that a room, its messages and its events can have: the API has numbers of 31 bits.
CREATE OR REPLACE FUNCTION max_seq() RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT 2147483647::bigint
$$;
