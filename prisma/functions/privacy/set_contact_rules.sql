-- Who may open direct rooms with a user, and add the user to rooms. NULL leaves a value as it is.
CREATE OR REPLACE FUNCTION set_contact_rules(p_user BIGINT, p_direct_messages_from SMALLINT, p_addable_by SMALLINT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM lock_places(ARRAY[p_user]);
  UPDATE users u SET direct_messages_from = coalesce(p_direct_messages_from, u.direct_messages_from), addable_by = coalesce(p_addable_by, u.addable_by)
  WHERE u.id = p_user;
END $$;
