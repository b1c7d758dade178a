-- Rooms and the membership of one user in each: the data for access checks. It is a plain query, so that the planner
-- inlines it. Only nodes of an earlier release call it, so its columns and its permissions stay those of that release.
-- A room without members from an edge on does not cost others a look at their own memberships.
CREATE OR REPLACE FUNCTION rooms_seen_by(p_viewer BIGINT, p_rooms BIGINT[])
RETURNS TABLE (
  "id" BIGINT, "kind" SMALLINT, "name" TEXT, "description" TEXT, "memberCount" INTEGER, "isArchived" BOOLEAN, "isDeleted" BOOLEAN,
  "lastRoomSeq" BIGINT, "lastMessageSeq" BIGINT,
  "roomId" BIGINT, "userId" BIGINT, "role" SMALLINT, "permissions" INTEGER, "joinedAt" TIMESTAMPTZ, "readSeq" BIGINT,
  "deliveredSeq" BIGINT, "fromRoomSeq" BIGINT, "visibleFromRoomSeq" BIGINT, "visibleFromSeq" BIGINT, "isHidden" BOOLEAN,
  "hasEdge" BOOLEAN
) LANGUAGE sql STABLE AS $$
  SELECT r.id, r.kind, r.name, r.description, r.member_count, r.archived_at IS NOT NULL, r.deleted_at IS NOT NULL,
    h.last_room_seq, h.last_message_seq,
    m.room_id, m.user_id, m.role, (m.permission_bits & 2147483647)::integer, m.joined_at, m.read_seq,
    m.delivered_seq, m.from_room_seq, m.visible_from_room_seq, m.visible_from_seq, m.is_hidden,
    EXISTS (SELECT FROM memberships e WHERE e.room_id = r.id AND e.visible_from_seq > 0)
  FROM rooms r JOIN room_heads h ON h.room_id = r.id
  LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = p_viewer
  WHERE r.id = ANY (p_rooms)
$$;
