-- What a member may do in a room: the default of the role, then the override of the role, then that of the member. There are
-- none of owners; in direct rooms, a block sets one. Without a user: what the role may do.
-- A plan that was made while there were no overrides would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION effective_permissions(p_room BIGINT, p_room_kind SMALLINT, p_role SMALLINT, p_user BIGINT)
RETURNS BIGINT LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
  v_bits BIGINT := default_permissions(p_room_kind, p_role); override permission_overrides;
BEGIN
  IF p_role < 50 THEN
    -- Roles have negative targets: theirs comes first.
    FOR override IN SELECT * FROM permission_overrides o WHERE o.room_id = p_room AND o.target IN (-p_role, p_user) ORDER BY o.target LOOP
      v_bits := overridden_permissions(p_role, v_bits, override.allow_bits, override.deny_bits);
    END LOOP;
  END IF;
  RETURN v_bits;
END $$;
