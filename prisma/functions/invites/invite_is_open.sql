-- Whether an invite can be used now. It works while its creator could create it, and while its room is open.
CREATE OR REPLACE FUNCTION invite_is_open(p_invite invites) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT p_invite.revoked_at IS NULL AND (p_invite.expires_at IS NULL OR p_invite.expires_at > clock_timestamp())
    AND (p_invite.max_uses IS NULL OR p_invite.use_count < p_invite.max_uses)
    AND EXISTS (SELECT FROM room_heads h WHERE h.room_id = p_invite.room_id AND h.state = 0)
    AND EXISTS (SELECT FROM memberships m WHERE m.room_id = p_invite.room_id AND m.user_id = p_invite.created_by
      AND NOT (m.permission_bits & 2 = 0) AND m.role > p_invite.role)
    AND EXISTS (SELECT FROM users u WHERE u.id = p_invite.created_by AND u.suspended_at IS NULL AND u.deleted_at IS NULL)
$$;
