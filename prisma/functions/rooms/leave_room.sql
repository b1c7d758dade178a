-- status: OK, NOT_FOUND, DIRECT, LAST_OWNER. Leaving again is OK; a room that the user was never in is NOT_FOUND.
CREATE OR REPLACE FUNCTION leave_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN at.role = 50 AND (SELECT count(*) FROM memberships WHERE room_id = p_room AND role = 50) = 1 THEN 'LAST_OWNER' ELSE 'OK' END;
  IF at.role IS NULL THEN
    -- Whoever left before is told the same again; to everybody else the room is none of theirs.
    SELECT l.room_seq INTO room_seq FROM access_losses l WHERE l.user_id = p_actor AND l.room_id = p_room;
    status := CASE WHEN FOUND THEN 'OK' ELSE 'NOT_FOUND' END;
  ELSIF status = 'OK' THEN
    room_seq := dismiss_member(p_room, p_actor, p_actor, false);
  END IF;
  RETURN NEXT;
END $$;
