-- The permissions of a role after one override: what is denied is not allowed. No override gives guests one of 3694: to add
-- members, remove members and change roles, change the room, archive and delete the room, time out members, ban,
-- see the audit log.
CREATE OR REPLACE FUNCTION overridden_permissions(p_role SMALLINT, p_bits BIGINT, p_allow BIGINT, p_deny BIGINT)
RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT (p_bits | (p_allow & ~ CASE p_role WHEN 10 THEN 3694 ELSE 0 END::bigint)) & ~ p_deny
$$;
