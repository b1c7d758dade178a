-- Deletes an emoji of the server. Reactions with it stay. p_actor is NULL for an operator.
-- status: OK, SAME (there is none of that name), FORBIDDEN (the actor is no server administrator)
CREATE OR REPLACE FUNCTION delete_emoji(p_actor BIGINT, p_name TEXT) RETURNS TABLE (status TEXT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  status := 'FORBIDDEN';
  IF may_manage_emojis(p_actor) THEN
    DELETE FROM custom_emojis e WHERE e.name = p_name;
    status := CASE WHEN FOUND THEN 'OK' ELSE 'SAME' END;
  END IF;
  RETURN NEXT;
END $$;
