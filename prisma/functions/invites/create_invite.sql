-- Creates an invite. All changes of the invites of a room happen under the lock of its head.
-- status: OK, NOT_FOUND, DIRECT, FORBIDDEN, ARCHIVED, RANK (the role must be below that of the actor), LIMIT (100 open invites)
CREATE OR REPLACE FUNCTION create_invite(p_room BIGINT, p_actor BIGINT, p_code_hash BYTEA, p_role SMALLINT, p_expires_at TIMESTAMPTZ, p_max_uses INTEGER)
RETURNS TABLE (status TEXT, invite_id BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 2 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED' WHEN p_role >= at.role THEN 'RANK'
    WHEN (SELECT count(*) FROM invites i WHERE i.room_id = p_room AND i.revoked_at IS NULL
      AND (i.expires_at IS NULL OR i.expires_at > clock_timestamp()) AND (i.max_uses IS NULL OR i.use_count < i.max_uses) AND invite_is_open(i)) > 99 THEN 'LIMIT'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO invites (room_id, code_hash, role, created_by, expires_at, max_uses)
    VALUES (p_room, p_code_hash, p_role, p_actor, p_expires_at, p_max_uses) RETURNING id INTO invite_id;
    PERFORM record_act(p_room, p_actor, 'invite', NULL, NULL, audit_change('role', NULL, p_role)
      || audit_change('expiresAt', NULL, timeout_ms(p_expires_at)) || audit_change('maxUses', NULL, p_max_uses), invite_id);
  END IF;
  RETURN NEXT;
END $$;
