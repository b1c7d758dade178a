-- The subject of `tallies` under which a set of a thread's numbers is kept: 0 deleted replies, -1 those that mention all members,
-- otherwise those that mention the user. Sets of the main timeline are above -2. NULL without a root.
CREATE OR REPLACE FUNCTION thread_set(p_root BIGINT, p_set BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT -(p_root << 32) - p_set - 2
$$;
