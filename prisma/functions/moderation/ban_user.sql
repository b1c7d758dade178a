-- Bans a user, who need not be a member: ends the membership, declines a request to join, and refuses to join until p_expires_at, or
-- for ever. A new ban replaces the one before.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, NO_USER, RANK, TOO_FAR (it would end in the past), LIMIT (10000 bans in the room)
CREATE OR REPLACE FUNCTION ban_user(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_expires_at TIMESTAMPTZ, p_reason TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_now TIMESTAMPTZ(3) := clock_timestamp(); old bans;
  v_rank SMALLINT := (SELECT m.role FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user);
BEGIN
  SELECT * INTO old FROM bans b WHERE b.room_id = p_room AND b.user_id = p_user AND (b.expires_at IS NULL OR b.expires_at > v_now);
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 1024 = 0 THEN 'FORBIDDEN'
    WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL) THEN 'NO_USER'
    WHEN v_rank >= at.role THEN 'RANK' WHEN p_expires_at <= v_now THEN 'TOO_FAR'
    WHEN old.user_id IS NOT NULL AND old.expires_at IS NOT DISTINCT FROM p_expires_at AND old.reason IS NOT DISTINCT FROM p_reason THEN 'SAME'
    WHEN old.user_id IS NULL AND (SELECT count(*) FROM bans b WHERE b.room_id = p_room AND (b.expires_at IS NULL OR b.expires_at > v_now)) > 9999 THEN 'LIMIT' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO bans (room_id, user_id, banned_by, reason, created_at, expires_at) VALUES (p_room, p_user, p_actor, p_reason, v_now, p_expires_at)
    ON CONFLICT (room_id, user_id) DO UPDATE SET banned_by = EXCLUDED.banned_by, reason = EXCLUDED.reason, created_at = EXCLUDED.created_at,
      expires_at = EXCLUDED.expires_at;
    IF v_rank IS NOT NULL THEN
      room_seq := dismiss_member(p_room, p_actor, p_user, true);
    ELSIF has_join_request(p_room, p_user) THEN
      room_seq := settle_join_request(p_room, p_user, 3);
    END IF;
    PERFORM record_act(p_room, p_actor, 'ban', p_user, p_reason, audit_change('expiresAt', timeout_ms(old.expires_at), timeout_ms(p_expires_at)));
  END IF;
  RETURN NEXT;
END $$;
