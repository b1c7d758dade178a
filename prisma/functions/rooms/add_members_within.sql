-- status: as add_members, or OTHERS_FULL
CREATE OR REPLACE FUNCTION add_members_within(p_max_others INTEGER, p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT have_places(p_users, p_room, p_max_others) THEN
    RETURN QUERY SELECT 'OTHERS_FULL', 0::bigint;
  ELSE
    RETURN QUERY SELECT * FROM add_members(p_room, p_actor, p_users, p_role);
  END IF;
END $$;
