-- Sets who sends messages in a room, as overrides of members and guests; the caller holds the lock of the room's head. Each
-- override that changes has an event. After a refusal, none has changed. status: OK, also where nothing changes, or a refusal of
-- set_permission_override
CREATE OR REPLACE FUNCTION set_posting_policy(p_room BIGINT, p_actor BIGINT, p_policy TEXT) RETURNS TEXT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  -- 1 is to send, 8192 to react and 16384 to reply in threads without it.
  v_allow BIGINT := CASE p_policy WHEN 'everyone' THEN 0 WHEN 'moderators' THEN 8192 ELSE 24576 END;
  v_deny BIGINT := CASE p_policy WHEN 'everyone' THEN 0 ELSE 1 END;
  v_role BIGINT; v_status TEXT;
BEGIN
  FOREACH v_role IN ARRAY ARRAY[10, 20] LOOP
    v_status := (SELECT o.status FROM set_permission_override(p_room, p_actor, -v_role, v_allow, v_deny, 24577 - v_allow - v_deny) o);
    IF v_status NOT IN ('OK', 'SAME') THEN
      RAISE EXCEPTION 'refused' USING ERRCODE = 'PA001';
    END IF;
  END LOOP;
  RETURN 'OK';
EXCEPTION WHEN SQLSTATE 'PA001' THEN
  RETURN v_status;
END $$;
