-- Who sends messages in a room, as the overrides of members and guests say: everyone, moderators, moderators_and_replies (all
-- others reply in threads), or custom.
-- A plan that was made while there were no overrides would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION posting_policy(p_room BIGINT) RETURNS TEXT LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN (SELECT CASE WHEN x.silent = 0 THEN 'everyone' WHEN x.silent = 2 AND x.replying = 0 THEN 'moderators'
      WHEN x.silent = 2 AND x.replying = 2 THEN 'moderators_and_replies' ELSE 'custom' END
    FROM (SELECT count(*) FILTER (WHERE o.deny_bits & 1 > 0) AS silent, count(*) FILTER (WHERE o.allow_bits & 16384 > 0) AS replying
      FROM permission_overrides o WHERE o.room_id = p_room AND o.target IN (-10, -20)) x);
END $$;
