-- Removes the drafts of a user whose messages are stored, and all drafts of an erased user. Returns how many.
CREATE OR REPLACE FUNCTION remove_sent_drafts(p_user BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_removed BIGINT;
BEGIN
  DELETE FROM drafts d WHERE d.user_id = p_user AND (is_draft_sent(d.room_id, d.user_id, d.idempotency_key)
    OR EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.deleted_at IS NOT NULL));
  GET DIAGNOSTICS v_removed = ROW_COUNT;
  RETURN v_removed;
END $$;
