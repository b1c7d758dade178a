-- The roles that a message mentions, of these names: a role is '@' and its rank. A role of more than 50 members mentions nobody.
CREATE OR REPLACE FUNCTION mentioned_roles(p_room BIGINT, p_author BIGINT, p_names TEXT[]) RETURNS INT[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(r.role) FROM (SELECT ltrim(n.name, '@')::int AS role FROM unnest(p_names) AS n(name) WHERE n.name LIKE '@%') r
  CROSS JOIN LATERAL (SELECT count(*) AS members, count(*) FILTER (WHERE m.user_id <> p_author) AS others
    FROM (SELECT m.user_id FROM memberships m WHERE m.room_id = p_room AND m.role = r.role AND m.role > 20 LIMIT 51) m) m
  WHERE m.members <= 50 AND m.others > 0
$$;
