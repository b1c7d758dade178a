-- Appends one entry to the audit log of a room; the caller holds the lock of the head. p_changes: by field, the values before
-- and after. p_subject: the room_seq of a message, or the id of an invite.
CREATE OR REPLACE FUNCTION record_act(p_room BIGINT, p_actor BIGINT, p_action TEXT, p_target BIGINT, p_reason TEXT, p_changes JSONB,
  p_subject BIGINT DEFAULT NULL)
RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT;
BEGIN
  UPDATE room_heads h SET last_audit_seq = h.last_audit_seq + 1 WHERE h.room_id = p_room RETURNING h.last_audit_seq INTO v_seq;
  INSERT INTO audit_log (room_id, audit_seq, actor_id, action, target, subject, reason, changes, created_at)
  VALUES (p_room, v_seq, p_actor, p_action, p_target, p_subject, p_reason, p_changes, clock_timestamp());
END $$;
