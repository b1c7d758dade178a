-- What a role allows without overrides. 1 post, 2 add members, 4 remove members and change roles, 8 change the room, 16
-- delete others' messages, 32 archive the room, 64 delete the room, 128 mention all members, 256 pin
-- messages, 512 time out members, 1024 ban, 2048 see the audit log, 4096 post at once in slow mode, 8192 react and 16384 reply in
-- threads, both without 1.
CREATE OR REPLACE FUNCTION role_permissions(p_role SMALLINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_role WHEN 50 THEN 32767 WHEN 40 THEN 32703 WHEN 30 THEN 30615 ELSE 1 END::bigint
$$;
