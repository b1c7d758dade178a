-- Creates an emoji of the server. p_actor is NULL for an operator.
-- status: OK, SAME (there is one of that name), FORBIDDEN (the actor is no server administrator), LIMIT (1000 emoji)
-- The lock of the table makes the limit exact. It does not block readers.
CREATE OR REPLACE FUNCTION create_emoji(p_actor BIGINT, p_name TEXT) RETURNS TABLE (status TEXT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  LOCK TABLE custom_emojis IN SHARE ROW EXCLUSIVE MODE;
  status := CASE WHEN NOT may_manage_emojis(p_actor) THEN 'FORBIDDEN'
    WHEN EXISTS (SELECT FROM custom_emojis e WHERE e.name = p_name) THEN 'SAME'
    WHEN (SELECT count(*) FROM custom_emojis) > 999 THEN 'LIMIT'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO custom_emojis (name, created_by, created_at) VALUES (p_name, p_actor, clock_timestamp());
  END IF;
  RETURN NEXT;
END $$;
