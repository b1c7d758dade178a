-- CreateIndex
CREATE INDEX "audit_log_room_id_actor_id_audit_seq_idx" ON "audit_log"("room_id", "actor_id", "audit_seq");

-- CreateIndex
CREATE INDEX "audit_log_room_id_action_audit_seq_idx" ON "audit_log"("room_id", "action", "audit_seq");

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

DROP FUNCTION remove_member(bigint,bigint,bigint);

-- Creates an invite. All changes of the invites of a room happen under the lock of its head.
-- status: OK, NOT_FOUND, DIRECT, FORBIDDEN, ARCHIVED, RANK (the role must be below that of the actor), LIMIT (100 open invites)
CREATE OR REPLACE FUNCTION create_invite(p_room BIGINT, p_actor BIGINT, p_code_hash BYTEA, p_role SMALLINT, p_expires_at TIMESTAMPTZ, p_max_uses INTEGER)
RETURNS TABLE (status TEXT, invite_id BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 2 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED' WHEN p_role >= at.role THEN 'RANK'
    WHEN (SELECT count(*) FROM invites i WHERE i.room_id = p_room AND i.revoked_at IS NULL
      AND (i.expires_at IS NULL OR i.expires_at > clock_timestamp()) AND (i.max_uses IS NULL OR i.use_count < i.max_uses) AND invite_is_open(i)) > 99 THEN 'LIMIT'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO invites (room_id, code_hash, role, created_by, expires_at, max_uses)
    VALUES (p_room, p_code_hash, p_role, p_actor, p_expires_at, p_max_uses) RETURNING id INTO invite_id;
    PERFORM record_act(p_room, p_actor, 'invite', NULL, NULL, audit_change('role', NULL, p_role)
      || audit_change('expiresAt', NULL, timeout_ms(p_expires_at)) || audit_change('maxUses', NULL, p_max_uses), invite_id);
  END IF;
  RETURN NEXT;
END $$;

-- Ends an invite. status: OK, SAME (revoked before), NOT_FOUND, RANK (its role is not below that of the actor, who did not create it)
CREATE OR REPLACE FUNCTION revoke_invite(p_invite BIGINT, p_actor BIGINT) RETURNS TABLE (status TEXT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room((SELECT i.room_id FROM invites i WHERE i.id = p_invite), p_actor);
  invite invites;
BEGIN
  SELECT * INTO invite FROM invites i WHERE i.id = p_invite;
  status := CASE WHEN at.kind IS NULL OR coalesce(at.permission_bits, 0) & 2 = 0 THEN 'NOT_FOUND'
    WHEN invite.role >= at.role AND invite.created_by <> p_actor THEN 'RANK' WHEN invite.revoked_at IS NOT NULL THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE invites i SET revoked_at = clock_timestamp() WHERE i.id = p_invite;
    PERFORM record_act(invite.room_id, p_actor, 'revoke', invite.created_by, NULL, NULL, p_invite);
  END IF;
  RETURN NEXT;
END $$;

-- Deletes a batch of messages. The caller holds the locks of the rooms; those in p_busy are locked by somebody else.
-- status: OK, SAME (it is deleted already), BUSY, NOT_FOUND, FORBIDDEN, ARCHIVED, FULL
-- Authors may delete their own messages, members with that right those of lower ranks. Without an actor, the message has expired.
-- Time goes on in archived rooms. A user can no longer delete a message that has expired: it is deleted already.
-- A deleted user is the actor of the erasure of the own messages, and of forwards of them, wherever they are.
-- details: the message before; where somebody else deletes it, also its author; as mentions whom it mentioned, if anybody
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_deletions(p_deletions message_deletion[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint;
  outcomes change_outcome[]; v_rooms BIGINT[]; v_room_seqs BIGINT[]; v_seqs BIGINT[]; v_mentions JSONB[];
  v_roots BIGINT[]; v_thread_seqs BIGINT[]; v_actors BIGINT[]; v_authors BIGINT[];
BEGIN
  WITH judged AS (
    SELECT u.*, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, old.author_id, old.seq, old.thread_root_seq, old.thread_seq,
      w.deleted_at IS NOT NULL AS is_erasure,
      CASE WHEN u.actor_id IS NULL THEN old.expires_at ELSE greatest(v_now, h.last_at) END AS deleted_at,
      CASE WHEN old.author_id = u.actor_id THEN message_record(old.message)
        ELSE message_record(old.message) || jsonb_build_object('author', user_record(a.author)) END AS record, w.username, w.display_name, s.mentions,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN w.deleted_at IS NOT NULL THEN CASE WHEN h.state = 2 OR (old.author_id = u.actor_id OR f.author_id = u.actor_id) IS NOT TRUE THEN 'NOT_FOUND'
          WHEN old.text IS NULL THEN 'SAME' WHEN h.last_room_seq > max_seq() - cardinality(p_deletions) THEN 'FULL' ELSE 'OK' END
        WHEN u.actor_id IS NULL AND (h.state < 2 AND old.expires_at <= v_now) IS NOT TRUE THEN 'NOT_FOUND'
        WHEN u.actor_id IS NOT NULL AND (m.role IS NULL OR m.is_hidden OR old.room_id IS NULL OR h.state = 2 OR coalesce(old.seq < m.visible_from_seq, old.room_seq < m.visible_from_room_seq)) THEN 'NOT_FOUND'
        WHEN old.author_id <> u.actor_id AND (m.permission_bits & 16 = 0 OR coalesce(am.role, 0) >= m.role) THEN 'FORBIDDEN'
        WHEN old.text IS NULL OR u.actor_id IS NOT NULL AND old.expires_at <= v_now THEN 'SAME'
        WHEN u.actor_id IS NOT NULL AND h.state = 1 THEN 'ARCHIVED'
        WHEN h.last_room_seq > max_seq() - cardinality(p_deletions) THEN 'FULL'
        ELSE 'OK' END AS status
    FROM unnest(p_deletions) WITH ORDINALITY AS u(room_id, room_seq, actor_id, ord)
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.actor_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.actor_id LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT old.*, old AS message FROM messages old WHERE old.room_id = u.room_id AND old.room_seq = u.room_seq LIMIT 1) old ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships am
      WHERE old.author_id <> u.actor_id AND am.room_id = u.room_id AND am.user_id = old.author_id LIMIT 1) am ON true
    LEFT JOIN LATERAL (SELECT o.author_id FROM (SELECT f.* FROM forwards f WHERE f.room_id = u.room_id AND f.room_seq = u.room_seq LIMIT 1) f
      CROSS JOIN LATERAL (SELECT o.author_id FROM messages o WHERE o.room_id = f.origin_room_id AND o.room_seq = f.origin_room_seq LIMIT 1) o
      WHERE w.deleted_at IS NOT NULL) f ON true
    LEFT JOIN LATERAL stored_mentions(old.room_id, old.room_seq) AS s(mentions) ON true
    LEFT JOIN LATERAL (SELECT a AS author FROM users a WHERE old.author_id IS DISTINCT FROM u.actor_id AND a.id = old.author_id LIMIT 1) a ON true
  ), once AS (
    SELECT j.*, j.status = 'OK' AND row_number() OVER (PARTITION BY j.room_id, j.room_seq, j.status ORDER BY j.ord) = 1 AS is_made FROM judged j
  ), numbered AS MATERIALIZED (
    SELECT j.*, j.last_room_seq + count(*) FILTER (WHERE j.is_made) OVER (PARTITION BY j.room_id ORDER BY j.ord) AS new_room_seq FROM once j
  ), made AS MATERIALIZED (
    SELECT * FROM numbered n WHERE n.is_made
  ), message AS (
    UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = n.deleted_at
    FROM made n WHERE m.room_id = n.room_id AND m.room_seq = n.room_seq
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT n.room_id, n.new_room_seq, 7, n.actor_id, n.room_seq, n.last_message_seq, v_stamp, n.at,
      CASE WHEN n.is_erasure THEN coalesce(n.mentions, '{"userIds": [], "isEverybody": false}') || '{"isErasure": true}' ELSE n.mentions END FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp),
      last_deleted_seq = greatest(x.seq, h.last_deleted_seq)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at, max(n.seq) AS seq FROM made n GROUP BY n.room_id) x
    WHERE h.room_id = x.room_id
  ), mark AS (
    -- Of authors whose mark was moved back.
    UPDATE memberships m SET own_above = m.own_above - x.gone
    FROM (SELECT n.room_id, n.author_id, o.read_seq, count(*) AS gone FROM made n
      CROSS JOIN LATERAL (SELECT * FROM memberships o WHERE o.room_id = n.room_id AND o.user_id = n.author_id AND o.own_above > 0 LIMIT 1) o
      WHERE n.seq > o.read_seq GROUP BY n.room_id, n.author_id, o.read_seq) x
    WHERE m.room_id = x.room_id AND m.user_id = x.author_id
  )
  SELECT array_agg(ROW('deletion', n.ord, CASE WHEN n.status = 'OK' AND NOT n.is_made THEN 'SAME' ELSE n.status END, n.new_room_seq,
      n.last_message_seq, n.at, n.username, n.display_name,
      CASE WHEN n.mentions IS NULL THEN n.record ELSE n.record || jsonb_build_object('mentions', n.mentions) END)::change_outcome),
    array_agg(n.room_id) FILTER (WHERE n.is_made), array_agg(n.room_seq) FILTER (WHERE n.is_made),
    array_agg(n.seq) FILTER (WHERE n.is_made), array_agg(n.mentions) FILTER (WHERE n.is_made),
    array_agg(n.thread_root_seq) FILTER (WHERE n.is_made), array_agg(n.thread_seq) FILTER (WHERE n.is_made),
    array_agg(CASE WHEN NOT n.is_erasure THEN n.actor_id END) FILTER (WHERE n.is_made), array_agg(n.author_id) FILTER (WHERE n.is_made)
  INTO outcomes, v_rooms, v_room_seqs, v_seqs, v_mentions, v_roots, v_thread_seqs, v_actors, v_authors FROM numbered n;
  IF v_rooms IS NOT NULL THEN
    PERFORM remove_satellites(v_rooms, v_room_seqs);
    PERFORM remove_revisions(v_rooms, v_room_seqs);
    PERFORM remove_expiries(v_rooms, v_room_seqs);
    PERFORM record_act(x.room_id, x.actor_id, 'delete', x.author_id, NULL, NULL, x.room_seq)
    FROM unnest(v_rooms, v_room_seqs, v_actors, v_authors) AS x(room_id, room_seq, actor_id, author_id) WHERE x.actor_id <> x.author_id;
    PERFORM count_mentions(v_rooms, v_seqs, v_mentions, -1);
    PERFORM add_to_tallies(array_agg(x.room_id), array_agg(0::bigint), array_agg(x.seq))
    FROM unnest(v_rooms, v_seqs) AS x(room_id, seq) WHERE x.seq IS NOT NULL HAVING count(*) > 0;
    PERFORM delete_replies(array_agg(x.room_id), array_agg(x.root_seq), array_agg(x.thread_seq), array_agg(x.mentions))
    FROM unnest(v_rooms, v_roots, v_thread_seqs, v_mentions) AS x(room_id, root_seq, thread_seq, mentions)
    WHERE x.root_seq IS NOT NULL HAVING count(*) > 0;
  END IF;
  RETURN outcomes;
END $$;

-- The value of a field before and after an act, in the form of the audit log; empty where they are the same.
CREATE OR REPLACE FUNCTION audit_change(p_field TEXT, p_before ANYELEMENT, p_after ANYELEMENT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_before IS DISTINCT FROM p_after THEN jsonb_build_object(p_field, jsonb_build_array(p_before, p_after)) ELSE '{}' END
$$;

-- Bans a user, who need not be a member: ends the membership, and refuses to join until p_expires_at, or for ever. A new ban
-- replaces the one before.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, NO_USER, RANK, TOO_FAR (it would end in the past), LIMIT (10000 bans in the room)
CREATE OR REPLACE FUNCTION ban_user(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_expires_at TIMESTAMPTZ, p_reason TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_now TIMESTAMPTZ(3) := clock_timestamp(); old bans;
  v_rank SMALLINT := (SELECT m.role FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user);
BEGIN
  SELECT * INTO old FROM bans b WHERE b.room_id = p_room AND b.user_id = p_user AND (b.expires_at IS NULL OR b.expires_at > v_now);
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 1024 = 0 THEN 'FORBIDDEN'
    WHEN NOT EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL) THEN 'NO_USER'
    WHEN v_rank >= at.role THEN 'RANK' WHEN p_expires_at <= v_now THEN 'TOO_FAR'
    WHEN old.user_id IS NOT NULL AND old.expires_at IS NOT DISTINCT FROM p_expires_at AND old.reason IS NOT DISTINCT FROM p_reason THEN 'SAME'
    WHEN old.user_id IS NULL AND (SELECT count(*) FROM bans b WHERE b.room_id = p_room AND (b.expires_at IS NULL OR b.expires_at > v_now)) > 9999 THEN 'LIMIT' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO bans (room_id, user_id, banned_by, reason, created_at, expires_at) VALUES (p_room, p_user, p_actor, p_reason, v_now, p_expires_at)
    ON CONFLICT (room_id, user_id) DO UPDATE SET banned_by = EXCLUDED.banned_by, reason = EXCLUDED.reason, created_at = EXCLUDED.created_at,
      expires_at = EXCLUDED.expires_at;
    IF v_rank IS NOT NULL THEN
      room_seq := dismiss_member(p_room, p_actor, p_user, true);
    END IF;
    PERFORM record_act(p_room, p_actor, 'ban', p_user, p_reason, audit_change('expiresAt', timeout_ms(old.expires_at), timeout_ms(p_expires_at)));
  END IF;
  RETURN NEXT;
END $$;

-- Sets until when a member may not send messages; NULL ends it. A timeout that is over counts as none.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, NO_MEMBER, RANK, ARCHIVED, TOO_FAR (it would end in the past, or more than 28 days from now)
CREATE OR REPLACE FUNCTION time_out_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_until TIMESTAMPTZ, p_reason TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_now TIMESTAMPTZ(3) := clock_timestamp(); member memberships; v_before TIMESTAMPTZ(3);
BEGIN
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user;
  v_before := CASE WHEN member.timeout_until > v_now THEN member.timeout_until END;
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 512 = 0 THEN 'FORBIDDEN' WHEN member.user_id IS NULL THEN 'NO_MEMBER'
    WHEN member.role >= at.role THEN 'RANK' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN p_until <= v_now OR p_until > v_now + interval '28 days' THEN 'TOO_FAR'
    WHEN p_until IS NOT DISTINCT FROM v_before THEN 'SAME' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE memberships m SET timeout_until = p_until WHERE m.room_id = p_room AND m.user_id = p_user;
    room_seq := append_room_event(p_room, 31::smallint, p_actor, p_user, jsonb_build_object('until', timeout_ms(p_until)));
    PERFORM record_act(p_room, p_actor, 'timeout', p_user, p_reason, audit_change('until', timeout_ms(v_before), timeout_ms(p_until)));
  END IF;
  RETURN NEXT;
END $$;

-- Deletes entries of audit logs from before a time, at most p_limit. Returns how many. Only this function may.
-- A clause SET of the function would need a superuser.
CREATE OR REPLACE FUNCTION trim_audit_log(p_before TIMESTAMPTZ, p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_deleted BIGINT;
BEGIN
  PERFORM set_config('parley.trims_audit_log', 'on', true);
  DELETE FROM audit_log a WHERE a.ctid = ANY (ARRAY(
    SELECT o.ctid FROM audit_log o WHERE o.created_at < p_before ORDER BY o.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS v_deleted = ROW_COUNT;
  PERFORM set_config('parley.trims_audit_log', 'off', true);
  RETURN v_deleted;
END $$;

-- The permissions of a role after one override: what is denied is not allowed. No override gives guests one of 3694: to add
-- members, remove members and change roles, change the room, archive and delete the room, time out members, ban,
-- see the audit log.
CREATE OR REPLACE FUNCTION overridden_permissions(p_role SMALLINT, p_bits BIGINT, p_allow BIGINT, p_deny BIGINT)
RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT (p_bits | (p_allow & ~ CASE p_role WHEN 10 THEN 3694 ELSE 0 END::bigint)) & ~ p_deny
$$;

-- Sets what a role or a member may do in a room; p_target is a user, or the negative rank of a role. The bits of p_allow,
-- p_deny and p_inherit get that effect, all others keep theirs. The bits of all whom it concerns change with it.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, NO_MEMBER (and no override from before), RANK (the target is not below the
--         actor, or no member any more, and the actor no owner), ARCHIVED, NOT_HELD (the actor has none of a permission that
--         would change), GUEST_ROLE (guests never get it), LIMIT (1000 overrides of members)
CREATE OR REPLACE FUNCTION set_permission_override(p_room BIGINT, p_actor BIGINT, p_target BIGINT, p_allow BIGINT, p_deny BIGINT, p_inherit BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT, allow_bits BIGINT, deny_bits BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_member SMALLINT := (SELECT m.role FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_target);
  v_role SMALLINT := CASE WHEN p_target < 0 THEN -p_target ELSE v_member END;
  old permission_overrides; v_allow BIGINT; v_deny BIGINT; v_changed BIGINT; v_facts JSONB;
BEGIN
  SELECT * INTO old FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_target;
  v_allow := (coalesce(old.allow_bits, 0) & ~ (p_deny | p_inherit)) | p_allow;
  v_deny := (coalesce(old.deny_bits, 0) & ~ (p_allow | p_inherit)) | p_deny;
  v_changed := (coalesce(old.allow_bits, 0) # v_allow) | (coalesce(old.deny_bits, 0) # v_deny);
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 4 = 0 THEN 'FORBIDDEN'
    WHEN v_role IS NULL AND old.target IS NULL THEN 'NO_MEMBER'
    WHEN v_role >= at.role OR v_role IS NULL AND at.role < 50 THEN 'RANK' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN (v_changed & ~ at.permission_bits) <> 0 THEN 'NOT_HELD'
    WHEN v_role IS NOT NULL AND overridden_permissions(v_role, 0, v_changed & v_allow, 0) <> (v_changed & v_allow) THEN 'GUEST_ROLE'
    WHEN v_changed = 0 THEN 'SAME'
    WHEN p_target > 0 AND old.target IS NULL
      AND (SELECT count(*) FROM permission_overrides o WHERE o.room_id = p_room AND o.target > 0) > 999 THEN 'LIMIT'
    ELSE 'OK' END;
  room_seq := at.last_room_seq; allow_bits := v_allow; deny_bits := v_deny;
  IF status = 'OK' THEN
    DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_target;
    INSERT INTO permission_overrides (room_id, target, allow_bits, deny_bits)
      SELECT p_room, p_target, v_allow, v_deny WHERE (v_allow | v_deny) <> 0;
    v_facts := change_permissions(p_room, at.kind, p_target, v_role);
    room_seq := append_room_event(p_room, 30::smallint, p_actor, p_target, v_facts || jsonb_build_object('allow', v_allow, 'deny', v_deny));
    PERFORM record_act(p_room, p_actor, 'permissions', p_target, NULL,
      -- Both, also one that is the same: the effect of a permission is in both.
      jsonb_build_object('allow', jsonb_build_array(coalesce(old.allow_bits, 0), v_allow), 'deny', jsonb_build_array(coalesce(old.deny_bits, 0), v_deny)));
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, FORBIDDEN
CREATE OR REPLACE FUNCTION archive_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN coalesce(at.permission_bits, 0) & 32 = 0 THEN 'FORBIDDEN' ELSE 'OK' END;
  IF status = 'OK' AND at.state = 0 THEN
    UPDATE rooms SET archived_at = clock_timestamp() WHERE id = p_room;
    UPDATE room_heads SET state = 1 WHERE room_id = p_room;
    room_seq := append_room_event(p_room, 3::smallint, p_actor, NULL, NULL);
    PERFORM record_act(p_room, p_actor, 'archive', NULL, NULL, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, DIRECT, ARCHIVED, FORBIDDEN, RANK, NO_MEMBER, LAST_OWNER, GUEST (guests have no other role),
--         MORE_RIGHTS (in the lower role, the actor could do what the actor cannot do now)
-- An owner may make other owners; anybody may step down, but the last owner.
CREATE OR REPLACE FUNCTION change_member_role(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_role SMALLINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); member memberships;
  v_permissions BIGINT := effective_permissions(p_room, at.kind, p_role, p_user);
BEGIN
  SELECT * INTO member FROM memberships WHERE room_id = p_room AND user_id = p_user;
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT' WHEN at.role IS NULL THEN 'FORBIDDEN'
    WHEN p_user = p_actor AND p_role < at.role AND at.role = 50
      AND (SELECT count(*) FROM memberships WHERE room_id = p_room AND role = 50) = 1 THEN 'LAST_OWNER'
    WHEN p_user = p_actor AND p_role < at.role AND (v_permissions & ~ at.permission_bits) <> 0 THEN 'MORE_RIGHTS'
    WHEN p_user = p_actor AND p_role <= at.role THEN 'OK'
    WHEN at.permission_bits & 4 = 0 THEN 'FORBIDDEN'
    WHEN member.user_id IS NULL THEN 'NO_MEMBER'
    WHEN member.role = p_role THEN 'OK'
    WHEN are_guests_elsewhere(ARRAY[p_user], NULL) THEN 'GUEST'
    WHEN member.role >= at.role OR (p_role >= at.role AND at.role < 50) THEN 'RANK'
    ELSE 'OK' END;
  IF status = 'OK' AND at.state = 1 AND member.role <> p_role THEN
    status := 'ARCHIVED';
  END IF;
  IF status = 'OK' AND member.role <> p_role THEN
    PERFORM record_act(p_room, p_actor, 'role', p_user, NULL, audit_change('role', member.role, p_role));
    UPDATE memberships SET role = p_role, permission_bits = v_permissions
    WHERE room_id = p_room AND user_id = p_user RETURNING * INTO member;
    room_seq := append_room_event(p_room, 9::smallint, p_actor, p_user, member_facts(member));
  END IF;
  RETURN NEXT;
END $$;

-- status: OK, NOT_FOUND, DIRECT, FORBIDDEN, RANK. Removing a user who is not a member is OK.
CREATE OR REPLACE FUNCTION remove_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_reason TEXT DEFAULT NULL)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_rank SMALLINT := (SELECT role FROM memberships WHERE room_id = p_room AND user_id = p_user);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 4 = 0 THEN 'FORBIDDEN' WHEN v_rank >= at.role THEN 'RANK' ELSE 'OK' END;
  IF status = 'OK' AND v_rank IS NOT NULL THEN
    room_seq := dismiss_member(p_room, p_actor, p_user, true);
    PERFORM record_act(p_room, p_actor, 'remove', p_user, p_reason, NULL);
  END IF;
  RETURN NEXT;
END $$;

-- What a role allows without overrides. 1 post, 2 add members, 4 remove members and change roles, 8 change the room, 16
-- delete others' messages, 32 archive the room, 64 delete the room, 128 mention all members, 256 pin
-- messages, 512 time out members, 1024 ban, 2048 see the audit log, 4096 post at once in slow mode, 8192 react and 16384 reply in
-- threads, both without 1.
CREATE OR REPLACE FUNCTION role_permissions(p_role SMALLINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE p_role WHEN 50 THEN 32767 WHEN 40 THEN 32703 WHEN 30 THEN 30615 ELSE 1 END::bigint
$$;

-- status: OK, NOT_FOUND, FORBIDDEN, ARCHIVED, DIRECT. NULL keeps a value, '' clears the description, 0 the lifetime of new messages.
-- Every member of a direct room can set that lifetime, and nothing else.
CREATE OR REPLACE FUNCTION update_room(p_room BIGINT, p_actor BIGINT, p_name TEXT, p_description TEXT, p_message_lifetime INT DEFAULT NULL)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_is_direct BOOLEAN := at.kind = 3; v_is_changed BOOLEAN;
  old rooms; v_lifetime INT := (SELECT h.message_lifetime FROM room_heads h WHERE h.room_id = p_room);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN v_is_direct AND coalesce(p_name, p_description) IS NOT NULL THEN 'DIRECT'
    WHEN NOT v_is_direct AND coalesce(at.permission_bits, 0) & 8 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED' ELSE 'OK' END;
  IF status = 'OK' THEN
    SELECT * INTO old FROM rooms r WHERE r.id = p_room;
    UPDATE rooms r SET name = coalesce(p_name, r.name), description = nullif(coalesce(p_description, r.description), '')
    WHERE r.id = p_room AND (r.name IS DISTINCT FROM coalesce(p_name, r.name)
      OR r.description IS DISTINCT FROM nullif(coalesce(p_description, r.description), ''));
    v_is_changed := FOUND;
    UPDATE room_heads h SET message_lifetime = nullif(p_message_lifetime, 0)
    WHERE h.room_id = p_room AND p_message_lifetime IS NOT NULL AND h.message_lifetime IS DISTINCT FROM nullif(p_message_lifetime, 0);
    IF FOUND OR v_is_changed THEN
      room_seq := append_room_event(p_room, 2::smallint, p_actor, NULL, NULL);
      IF NOT v_is_direct THEN
        PERFORM record_act(p_room, p_actor, 'room', NULL, NULL, audit_change('name', old.name, coalesce(p_name, old.name))
          || audit_change('description', old.description, nullif(coalesce(p_description, old.description), ''))
          || audit_change('messageLifetimeSeconds', v_lifetime, nullif(coalesce(p_message_lifetime, v_lifetime), 0)));
      END IF;
    END IF;
  END IF;
  RETURN NEXT;
END $$;

-- Changes settings of a room: those in p_changes, under the names of settings_facts. null ends slow mode.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, ARCHIVED, VERSION (the version was passed by), and those of set_posting_policy
-- A plan that was made while nobody had to wait would read all rows: enable_seqscan.
CREATE OR REPLACE FUNCTION update_room_settings(p_room BIGINT, p_actor BIGINT, p_expected_version INT, p_changes JSONB)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
  v_old JSONB := settings_facts(p_room); v_new JSONB := v_old || p_changes;
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN at.kind = 3 THEN 'DIRECT'
    WHEN coalesce(at.permission_bits, 0) & 8 = 0 THEN 'FORBIDDEN' WHEN at.state = 1 THEN 'ARCHIVED'
    WHEN v_new = v_old THEN 'SAME' WHEN p_expected_version <> (v_old ->> 'version')::int THEN 'VERSION' ELSE 'OK' END;
  IF status = 'OK' AND v_new -> 'posting' <> v_old -> 'posting' THEN
    status := set_posting_policy(p_room, p_actor, v_new ->> 'posting');
  END IF;
  IF status = 'OK' THEN
    UPDATE room_heads h SET settings_version = h.settings_version + 1, slow_mode_seconds = (v_new ->> 'slowModeSeconds')::int
    WHERE h.room_id = p_room;
    DELETE FROM slow_mode_posts s WHERE s.room_id = p_room AND v_new ->> 'slowModeSeconds' IS NULL;
    room_seq := append_room_event(p_room, 33::smallint, p_actor, NULL, settings_facts(p_room));
    PERFORM record_act(p_room, p_actor, 'settings', NULL, NULL,
      audit_change('slowModeSeconds', v_old ->> 'slowModeSeconds', v_new ->> 'slowModeSeconds')
      || audit_change('posting', v_old ->> 'posting', v_new ->> 'posting'));
  END IF;
  RETURN NEXT;
END $$;

-- Admins and owners can see the audit log. There are no overrides of this permission yet. Only the bit is set, because a node
-- may be changing overrides meanwhile: what this statement read of them would be stored after them. One statement: it writes
-- the rows of those who manage a room, mostly one of each room.
UPDATE memberships SET permission_bits = permission_bits | 2048 WHERE role >= 40;
