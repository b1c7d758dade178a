-- Takes a deleted user out of a room whose head the caller has locked. Returns the number of the last event.
-- If no other owner is left, heir_of says who becomes owner. Without such a member, the room is deleted. A direct room keeps the deleted
-- user, so that the others see whom they wrote with; it is deleted with its last user.
CREATE OR REPLACE FUNCTION take_out_erased(p_room BIGINT, p_user BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  room rooms; member memberships; heir memberships;
BEGIN
  SELECT * INTO room FROM rooms r WHERE r.id = p_room;
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user;
  IF room.kind = 3 THEN
    IF NOT EXISTS (SELECT FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.room_id = p_room AND u.deleted_at IS NULL) THEN
      RETURN end_room(p_room, p_user);
    END IF;
    UPDATE memberships m SET folder = NULL, pinned_at = NULL, muted_until = NULL, hidden_at_seq = NULL
    WHERE m.room_id = p_room AND m.user_id = p_user RETURNING * INTO member;
    PERFORM end_live_locations_of(p_room, p_user);
    RETURN append_room_event(p_room, 9::smallint, p_user, p_user, member_facts(member));
  END IF;
  IF member.role = 50 AND NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.role = 50 AND m.user_id <> p_user) THEN
    heir := heir_of(p_room, p_user);
    IF heir.user_id IS NOT NULL THEN
      UPDATE memberships m SET role = member.role, permission_bits = effective_permissions(p_room, room.kind, member.role, m.user_id)
      WHERE m.room_id = p_room AND m.user_id = heir.user_id RETURNING * INTO heir;
      PERFORM append_room_event(p_room, 9::smallint, p_user, heir.user_id, member_facts(heir));
    ELSE
      RETURN end_room(p_room, p_user);
    END IF;
  END IF;
  RETURN dismiss_member(p_room, p_user, p_user, false);
END $$;
