CREATE OR REPLACE FUNCTION lock_room(p_room BIGINT, p_actor BIGINT) RETURNS room_and_actor LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  answer room_and_actor;
BEGIN
  PERFORM 1 FROM room_heads h WHERE h.room_id = p_room FOR NO KEY UPDATE;
  SELECT r.kind, h.state, h.last_room_seq, m.role, m.permission_bits INTO answer
  FROM rooms r JOIN room_heads h ON h.room_id = r.id
  LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = p_actor AND NOT m.is_hidden
  WHERE r.id = p_room AND h.state < 2 AND (r.kind = 1 OR m.role IS NOT NULL);
  RETURN answer;
END $$;
