-- The member who becomes owner when the last one, p_user, is erased: that with the highest role; of several, the one who joined first; a
-- suspended user only if there is nobody else, and a guest never. It reads the index in this order, however large the room is.
CREATE OR REPLACE FUNCTION heir_of(p_room BIGINT, p_user BIGINT) RETURNS memberships LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
  heir memberships; v_is_suspended BOOLEAN; v_role SMALLINT;
BEGIN
  FOREACH v_is_suspended IN ARRAY ARRAY[false, true] LOOP
    FOREACH v_role IN ARRAY ARRAY[40, 30, 20] LOOP
      SELECT m.* INTO heir FROM memberships m
      CROSS JOIN LATERAL (SELECT FROM users u WHERE u.id = m.user_id AND u.guest_room_id IS NULL AND u.deleted_at IS NULL
        AND (u.suspended_at IS NOT NULL) = v_is_suspended OFFSET 0) u
      WHERE m.room_id = p_room AND m.role = v_role AND m.user_id <> p_user ORDER BY m.joined_at, m.user_id LIMIT 1;
      IF FOUND THEN
        RETURN heir;
      END IF;
    END LOOP;
  END LOOP;
  RETURN NULL;
END $$;
