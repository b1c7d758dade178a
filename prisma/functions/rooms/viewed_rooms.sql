-- Rooms and the membership of one user in each: the data for access checks. It is a plain query, so that the planner inlines it.
CREATE OR REPLACE FUNCTION viewed_rooms(p_viewer BIGINT, p_rooms BIGINT[])
RETURNS TABLE (
  "id" BIGINT, "kind" SMALLINT, "name" TEXT, "description" TEXT, "memberCount" INTEGER, "isArchived" BOOLEAN, "isDeleted" BOOLEAN,
  "lastRoomSeq" BIGINT, "lastMessageSeq" BIGINT,
  "roomId" BIGINT, "userId" BIGINT, "role" SMALLINT, "permissions" BIGINT, "joinedAt" TIMESTAMPTZ, "readSeq" BIGINT,
  "deliveredSeq" BIGINT, "fromRoomSeq" BIGINT, "visibleFromRoomSeq" BIGINT, "visibleFromSeq" BIGINT, "isHidden" BOOLEAN,
  "timeoutUntil" BIGINT, "hasEdge" BOOLEAN, "messageLifetime" INTEGER
) LANGUAGE sql STABLE AS $$
  SELECT r.id, r.kind, r.name, r.description, r.member_count, r.archived_at IS NOT NULL, r.deleted_at IS NOT NULL,
    h.last_room_seq, h.last_message_seq,
    m.room_id, m.user_id, m.role, m.permission_bits, m.joined_at, m.read_seq,
    m.delivered_seq, m.from_room_seq, m.visible_from_room_seq, m.visible_from_seq, m.is_hidden,
    timeout_ms(m.timeout_until), EXISTS (SELECT FROM memberships e WHERE e.room_id = r.id AND e.visible_from_seq > 0), h.message_lifetime
  FROM rooms r JOIN room_heads h ON h.room_id = r.id
  LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = p_viewer
  WHERE r.id = ANY (p_rooms)
$$;
