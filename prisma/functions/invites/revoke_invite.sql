-- Ends an invite. status: OK, SAME (revoked before), NOT_FOUND, RANK (its role is not below that of the actor, who did not create it)
CREATE OR REPLACE FUNCTION revoke_invite(p_invite BIGINT, p_actor BIGINT) RETURNS TABLE (status TEXT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room((SELECT i.room_id FROM invites i WHERE i.id = p_invite), p_actor);
  invite invites;
BEGIN
  SELECT * INTO invite FROM invites i WHERE i.id = p_invite;
  status := CASE WHEN at.kind IS NULL OR coalesce(at.permission_bits, 0) & 2 = 0 THEN 'NOT_FOUND'
    WHEN invite.role >= at.role AND invite.created_by <> p_actor THEN 'RANK' WHEN invite.revoked_at IS NOT NULL THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE invites i SET revoked_at = clock_timestamp() WHERE i.id = p_invite;
    PERFORM record_act(invite.room_id, p_actor, 'revoke', invite.created_by, NULL, NULL, p_invite);
  END IF;
  RETURN NEXT;
END $$;
