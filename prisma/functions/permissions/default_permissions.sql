-- What a role allows in a room without overrides. All members of a direct room also have 256.
CREATE OR REPLACE FUNCTION default_permissions(p_room_kind SMALLINT, p_role SMALLINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT role_permissions(p_role) | CASE WHEN p_room_kind = 3 THEN 256 ELSE 0 END::bigint
$$;
