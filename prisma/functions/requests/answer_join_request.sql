-- Accepts a request, which gives the role MEMBER, or declines it: then the user can ask again after 24 hours. The user learns of the
-- answer by the own log.
-- status: OK, NOT_FOUND (no such request, or the actor is not in the room), FORBIDDEN, ARCHIVED, RANK (the role must be below that of the
--         actor), OTHERS_FULL (the user is in p_max_others rooms)
CREATE OR REPLACE FUNCTION answer_join_request(p_max_others INTEGER, p_room BIGINT, p_user BIGINT, p_actor BIGINT, p_is_accepted BOOLEAN)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  -- Locks the places of the user before the room.
  v_has_place BOOLEAN := have_places(ARRAY[p_user], p_room, p_max_others);
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  -- A ban ends the request under the same lock.
  status := CASE WHEN at.role IS NULL THEN 'NOT_FOUND' WHEN at.permission_bits & 2 = 0 THEN 'FORBIDDEN'
    WHEN at.state = 1 THEN 'ARCHIVED' WHEN NOT has_join_request(p_room, p_user) THEN 'NOT_FOUND'
    WHEN EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.deleted_at IS NOT NULL) THEN 'NOT_FOUND'
    WHEN p_is_accepted AND 20 >= at.role AND at.role < 50 THEN 'RANK'
    WHEN p_is_accepted AND NOT v_has_place THEN 'OTHERS_FULL' ELSE 'OK' END;
  IF status = 'OK' THEN
    IF p_is_accepted THEN
      room_seq := admit_members(p_room, p_actor, ARRAY[p_user], 20::smallint, false, NULL);
      PERFORM record_act(p_room, p_actor, 'accept', p_user, NULL, NULL);
    ELSE
      PERFORM record_act(p_room, p_actor, 'decline', p_user, NULL, NULL);
      room_seq := settle_join_request(p_room, p_user, 3);
      PERFORM pause_join_requests(p_room, p_user, 86400);
    END IF;
  END IF;
  RETURN NEXT;
END $$;
