-- CreateTable
CREATE TABLE "erasures" (
    "user_id" BIGINT NOT NULL,
    "username" TEXT NOT NULL,
    "erases_messages" BOOLEAN NOT NULL,
    "after_room_id" BIGINT DEFAULT 0,
    "is_again" BOOLEAN NOT NULL DEFAULT false,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE INDEX "audit_log_target_idx" ON "audit_log"("target");

-- CreateIndex
CREATE INDEX "bans_user_id_idx" ON "bans"("user_id");

-- CreateIndex
CREATE INDEX "custom_emojis_created_by_idx" ON "custom_emojis"("created_by");

-- CreateIndex
CREATE INDEX "forwards_origin_room_id_origin_room_seq_idx" ON "forwards"("origin_room_id", "origin_room_seq");

-- CreateIndex
CREATE INDEX "memberships_room_id_role_joined_at_user_id_idx" ON "memberships"("room_id", "role", "joined_at", "user_id");

-- CreateIndex
CREATE INDEX "user_blocks_blocked_id_idx" ON "user_blocks"("blocked_id");

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Deletes an account: ends its sessions, erases what the user has beside messages, takes the user out of the first 100 rooms, and adds
-- the jobs for everything else. p_actor is the user, an administrator, or null for the command line. The username is free again.
-- The second job finds what nodes accepted from the user before they knew of the deletion.
-- status: OK, FORBIDDEN, NO_USER (also for a deleted one), LAST_ADMIN
CREATE OR REPLACE FUNCTION close_account(p_actor BIGINT, p_user BIGINT, p_erases_messages BOOLEAN)
RETURNS TABLE (status TEXT, session_ids BIGINT[], room_ids BIGINT[], room_seqs BIGINT[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  account users;
BEGIN
  -- As in set_server_role: two administrators cannot remove each other.
  PERFORM pg_advisory_xact_lock(hashtextextended('server roles', 0));
  -- Heads before users, as in every other change.
  PERFORM 1 FROM room_heads h WHERE h.room_id IN (SELECT m.room_id FROM memberships m WHERE m.user_id = p_user ORDER BY m.room_id LIMIT 100)
    ORDER BY h.room_id FOR NO KEY UPDATE;
  SELECT * INTO account FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  status := CASE WHEN p_actor <> p_user AND NOT is_administrator(p_actor) THEN 'FORBIDDEN' WHEN account.id IS NULL THEN 'NO_USER'
    WHEN is_administrator(p_user) AND NOT EXISTS (SELECT FROM users u WHERE u.is_admin AND u.id <> p_user AND is_administrator(u.id)) THEN 'LAST_ADMIN'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO erasures (user_id, username, erases_messages) VALUES (p_user, account.username, p_erases_messages);
    UPDATE users u SET deleted_at = clock_timestamp(), username = '~deleted-' || p_user, display_name = 'Deleted user', email = NULL, email_verified_at = NULL,
      new_email = NULL, password_hash = NULL, is_admin = false, direct_messages_from = 0, addable_by = 0, suspended_at = NULL WHERE u.id = p_user;
    -- A separate statement: it must see sessions that began while this one waited.
    WITH ended AS (
      UPDATE sessions s SET revoked_at = clock_timestamp() WHERE s.user_id = p_user AND s.revoked_at IS NULL RETURNING s.id
    ) SELECT coalesce(array_agg(e.id), '{}') INTO session_ids FROM ended e;
    SELECT coalesce(array_agg(l.room_id), '{}'), coalesce(array_agg(l.room_seq), '{}') INTO room_ids, room_seqs FROM leave_erased_rooms(p_user) l;
    PERFORM erase_account_rows(p_user, ARRAY[lower(account.username), lower(account.email), lower(account.new_email)]);
    PERFORM jobs.add_job('erase-account', json_build_object('userId', p_user), job_key => 'erase-account ' || p_user);
    PERFORM jobs.add_job('erase-account', json_build_object('userId', p_user), job_key => 'erase-account again ' || p_user,
      run_at => now() + interval '70 seconds');
  END IF;
  RETURN NEXT;
END $$;

-- Erases what a user has beside rooms and messages. Mails about the user that wait are not sent; p_names are names by which they call
-- the user. Sessions stay without what the client said of itself: nodes read in them that they have ended.
CREATE OR REPLACE FUNCTION erase_account_rows(p_user BIGINT, p_names TEXT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM refresh_tokens t USING sessions s WHERE s.user_id = p_user AND t.session_id = s.id;
  UPDATE sessions s SET device_name = NULL, user_agent = NULL WHERE s.user_id = p_user;
  DELETE FROM one_time_tokens t WHERE t.user_id = p_user;
  DELETE FROM known_networks n WHERE n.user_id = p_user;
  DELETE FROM identities i WHERE i.user_id = p_user;
  DELETE FROM oidc_requests o WHERE o.user_id = p_user;
  DELETE FROM totp_secrets f WHERE f.user_id = p_user;
  DELETE FROM recovery_codes c WHERE c.user_id = p_user;
  DELETE FROM renames r WHERE r.user_id = p_user;
  DELETE FROM creation_keys k WHERE k.author_id = p_user;
  DELETE FROM bans b WHERE b.user_id = p_user;
  -- The entries stay. Users can be banned from rooms that they have never been in.
  PERFORM set_config('parley.erases_reasons', 'on', true);
  UPDATE audit_log a SET reason = NULL WHERE a.target = p_user AND a.reason IS NOT NULL;
  PERFORM set_config('parley.erases_reasons', 'off', true);
  UPDATE custom_emojis e SET created_by = NULL WHERE e.created_by = p_user;
  DELETE FROM jobs._private_jobs j USING jobs._private_tasks t WHERE t.id = j.task_id AND t.identifier LIKE '%-mail'
    AND (j.payload ->> 'userId' = p_user::text OR lower(j.payload ->> 'usernameOrEmail') = ANY (p_names));
  -- set_thread_state and save_draft hold the lock of the own log.
  PERFORM lock_accounts(ARRAY[p_user]);
  DELETE FROM thread_members m WHERE m.user_id = p_user;
  DELETE FROM user_blocks b WHERE b.user_id = p_user;
  DELETE FROM drafts d WHERE d.user_id = p_user;
  DELETE FROM saved_messages s WHERE s.user_id = p_user;
END $$;

-- Adds a round of an erasure. The rounds of a user run one after the other.
CREATE OR REPLACE FUNCTION add_erasure_job(p_user BIGINT, p_at TIMESTAMPTZ) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM jobs.add_job('erase-account', json_build_object('userId', p_user), queue_name => 'erase-account ' || p_user, run_at => p_at);
END $$;

-- Replaces the digests of deleted messages of a deleted user by zeros: a short text can be guessed from its digest. They recognise a
-- message that is sent again, which the user no longer can.
CREATE OR REPLACE FUNCTION erase_fingerprints(p_room BIGINT, p_user BIGINT, p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_none UUID := '00000000-0000-0000-0000-000000000000';
BEGIN
  UPDATE messages m SET fingerprint = v_none
  WHERE m.room_id = p_room AND m.room_seq = ANY (p_room_seqs) AND m.author_id = p_user AND m.text IS NULL AND m.fingerprint <> v_none;
END $$;

-- Erases messages of a deleted room. There is no event: RoomDeleted is the last one, and nobody reads the room.
CREATE OR REPLACE FUNCTION erase_in_deleted_room(p_room BIGINT, p_room_seqs BIGINT[]) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_rooms BIGINT[] := array_fill(p_room, ARRAY[cardinality(p_room_seqs)]);
BEGIN
  UPDATE messages m SET text = NULL, version = m.version + 1, deleted_at = clock_timestamp()
  WHERE m.room_id = p_room AND m.room_seq = ANY (p_room_seqs) AND m.text IS NOT NULL;
  PERFORM remove_satellites(v_rooms, p_room_seqs);
  PERFORM remove_revisions(v_rooms, p_room_seqs);
  PERFORM remove_expiries(v_rooms, p_room_seqs);
  UPDATE threads t SET title = NULL WHERE t.room_id = p_room AND t.root_seq = ANY (p_room_seqs) AND t.title IS NOT NULL;
END $$;

-- Removes mentions of a deleted user, at most p_limit, also the username from the texts. Returns how many it removed.
-- Texts of other users change without an event: nobody needs to learn of it.
CREATE OR REPLACE FUNCTION erase_mentions_of(p_user BIGINT, p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  gone message_mentions[] := ARRAY(SELECT s FROM message_mentions s WHERE s.user_id = p_user LIMIT p_limit);
  -- As mentionAt reads them; underscores behind a name can be the end of emphasis.
  v_pattern TEXT := (SELECT '(?<![A-Za-z0-9_@./\\-])@' || e.username || '(?=_*(?![A-Za-z0-9_@-]))' FROM erasures e WHERE e.user_id = p_user);
  v_name TEXT := '@deleted-' || p_user;
  g message_mentions;
BEGIN
  -- An edit at the same moment would keep the text before in a revision.
  PERFORM lock_rooms(ARRAY(SELECT u.room_id FROM unnest(gone) AS u), false);
  FOREACH g IN ARRAY gone LOOP
    UPDATE messages m SET text = regexp_replace(m.text, v_pattern, v_name, 'gi')
    WHERE m.room_id = g.room_id AND m.room_seq = g.room_seq AND m.text ~* v_pattern;
    UPDATE message_revisions r SET text = regexp_replace(r.text, v_pattern, v_name, 'gi')
    WHERE r.room_id = g.room_id AND r.room_seq = g.room_seq AND r.text ~* v_pattern;
    DELETE FROM message_mentions s WHERE s.room_id = g.room_id AND s.room_seq = g.room_seq AND s.user_id = g.user_id;
  END LOOP;
  RETURN cardinality(gone);
END $$;

-- Removes reactions of a deleted user, at most p_limit, each with its event. Returns how many it removed.
CREATE OR REPLACE FUNCTION erase_reactions_of(p_user BIGINT, p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN remove_reactions(ARRAY(SELECT r FROM reactions r WHERE r.user_id = p_user LIMIT p_limit));
END $$;

-- Removes the titles of threads whose roots were erased, each with its event. Returns the last number of the room's log.
CREATE OR REPLACE FUNCTION erase_titles(p_room BIGINT, p_roots BIGINT[], p_user BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_root BIGINT; v_seq BIGINT;
BEGIN
  PERFORM lock_rooms(ARRAY[p_room], false);
  FOR v_root IN SELECT t.root_seq FROM threads t WHERE t.room_id = p_room AND t.root_seq = ANY (p_roots) AND t.title IS NOT NULL ORDER BY t.root_seq LOOP
    UPDATE threads t SET title = NULL WHERE t.room_id = p_room AND t.root_seq = v_root;
    v_seq := append_room_event(p_room, 12::smallint, p_user, v_root, NULL);
  END LOOP;
  RETURN v_seq;
END $$;

-- Ends a round of an erasure. After the first one it adds another, later than every node knows of the deletion: it finds what nodes
-- accepted from the user before. Until then the own log and the rooms that the user has left are needed.
CREATE OR REPLACE FUNCTION finish_erasure(p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_requested_at TIMESTAMPTZ;
BEGIN
  PERFORM erase_account_rows(p_user, ARRAY(SELECT lower(e.username) FROM erasures e WHERE e.user_id = p_user));
  DELETE FROM erasures e WHERE e.user_id = p_user AND e.is_again;
  IF FOUND THEN
    DELETE FROM access_losses l WHERE l.user_id = p_user;
    DELETE FROM account_events a WHERE a.user_id = p_user;
  END IF;
  UPDATE erasures e SET is_again = true, after_room_id = 0 WHERE e.user_id = p_user RETURNING e.requested_at INTO v_requested_at;
  IF FOUND THEN
    PERFORM add_erasure_job(p_user, greatest(now(), v_requested_at + interval '70 seconds'));
  END IF;
END $$;

-- Erases what a room still stores of a deleted user who has left it: permissions, a timeout, and the wait of slow mode.
CREATE OR REPLACE FUNCTION forget_member(p_room BIGINT, p_user BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM permission_overrides o WHERE o.room_id = p_room AND o.target = p_user;
  DELETE FROM former_timeouts f WHERE f.room_id = p_room AND f.user_id = p_user;
  DELETE FROM slow_mode_posts s WHERE s.room_id = p_room AND s.user_id = p_user;
END $$;

-- Takes a deleted user out of the next 100 rooms. It saves its position with the events, so each room is left once, however the job
-- ends. Returns the changed rooms.
CREATE OR REPLACE FUNCTION leave_erased_rooms(p_user BIGINT)
RETURNS TABLE (room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_after BIGINT; v_is_again BOOLEAN; v_rooms BIGINT[];
BEGIN
  SELECT e.after_room_id, e.is_again INTO v_after, v_is_again FROM erasures e WHERE e.user_id = p_user;
  v_rooms := ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user AND m.room_id > v_after ORDER BY m.room_id LIMIT 100);
  -- Heads first, as everywhere. Another node may run the same job.
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (v_rooms) ORDER BY h.room_id FOR NO KEY UPDATE;
  PERFORM 1 FROM erasures e WHERE e.user_id = p_user AND e.after_room_id = v_after FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  UPDATE erasures e SET after_room_id = v_rooms[100] WHERE e.user_id = p_user;
  FOR room_id IN SELECT m.room_id FROM memberships m WHERE m.user_id = p_user AND m.room_id = ANY (v_rooms) ORDER BY m.room_id LOOP
    -- The second time is for rooms that the user joined at a node that did not know of the deletion yet.
    CONTINUE WHEN v_is_again AND EXISTS (SELECT FROM rooms r WHERE r.id = room_id AND r.kind = 3);
    room_seq := take_out_erased(room_id, p_user);
    RETURN NEXT;
  END LOOP;
END $$;

-- Ends blocks of a deleted user, at most 100, each with the event in the log of the user who made it. A direct room that was closed by a
-- block stays closed. Returns these users.
CREATE OR REPLACE FUNCTION lift_blocks(p_user BIGINT) RETURNS BIGINT[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_users BIGINT[] := ARRAY(SELECT b.user_id FROM user_blocks b WHERE b.blocked_id = p_user ORDER BY b.user_id LIMIT 100);
BEGIN
  PERFORM lock_accounts(v_users);
  -- Some may have ended meanwhile.
  WITH ended AS (
    DELETE FROM user_blocks b WHERE b.blocked_id = p_user AND b.user_id = ANY (v_users) RETURNING b.user_id
  ) SELECT coalesce(array_agg(e.user_id), '{}') INTO v_users FROM ended e;
  PERFORM append_account_events(v_users, 13::smallint, NULL, array_fill(p_user, ARRAY[cardinality(v_users)]));
  RETURN v_users;
END $$;

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

-- Removes mentions of erased users, at most p_limit. Returns how many it removed. The names of accounts are also in texts:
-- erase_mentions_of removes both.
CREATE OR REPLACE FUNCTION erase_mentions(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_gone TID[] := ARRAY(SELECT s.ctid FROM users u JOIN message_mentions s ON s.user_id = u.id
    WHERE u.deleted_at IS NOT NULL AND NOT EXISTS (SELECT FROM erasures e WHERE e.user_id = u.id) LIMIT p_limit);
BEGIN
  DELETE FROM message_mentions s WHERE s.ctid = ANY (v_gone);
  RETURN cardinality(v_gone);
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
  v_roots BIGINT[]; v_thread_seqs BIGINT[];
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
    array_agg(n.thread_root_seq) FILTER (WHERE n.is_made), array_agg(n.thread_seq) FILTER (WHERE n.is_made)
  INTO outcomes, v_rooms, v_room_seqs, v_seqs, v_mentions, v_roots, v_thread_seqs FROM numbered n;
  IF v_rooms IS NOT NULL THEN
    PERFORM remove_satellites(v_rooms, v_room_seqs);
    PERFORM remove_revisions(v_rooms, v_room_seqs);
    PERFORM remove_expiries(v_rooms, v_room_seqs);
    PERFORM count_mentions(v_rooms, v_seqs, v_mentions, -1);
    PERFORM add_to_tallies(array_agg(x.room_id), array_agg(0::bigint), array_agg(x.seq))
    FROM unnest(v_rooms, v_seqs) AS x(room_id, seq) WHERE x.seq IS NOT NULL HAVING count(*) > 0;
    PERFORM delete_replies(array_agg(x.room_id), array_agg(x.root_seq), array_agg(x.thread_seq), array_agg(x.mentions))
    FROM unnest(v_rooms, v_roots, v_thread_seqs, v_mentions) AS x(room_id, root_seq, thread_seq, mentions)
    WHERE x.root_seq IS NOT NULL HAVING count(*) > 0;
  END IF;
  RETURN outcomes;
END $$;

-- Refuses to change the audit log. Only the retention deletes entries, in a transaction with parley.trims_audit_log, and the erasure of
-- an account removes reasons, with parley.erases_reasons.
CREATE OR REPLACE FUNCTION protect_audit_log() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
  IF lower(TG_OP) = 'delete' AND current_setting('parley.trims_audit_log', true) = 'on'
    OR lower(TG_OP) = 'update' AND current_setting('parley.erases_reasons', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the audit log cannot be changed (%)', TG_OP;
END $$;

-- Removes reactions of erased users, at most p_limit, each with its event. Returns how many it removed.
CREATE OR REPLACE FUNCTION erase_reactions(p_limit INT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN remove_reactions(ARRAY(SELECT r FROM users u JOIN reactions r ON r.user_id = u.id WHERE u.deleted_at IS NOT NULL LIMIT p_limit));
END $$;

-- Removes reactions of erased users, each with its event. Returns how many there were.
CREATE OR REPLACE FUNCTION remove_reactions(p_reactions reactions[]) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r reactions; head room_heads;
BEGIN
  PERFORM lock_rooms(ARRAY(SELECT u.room_id FROM unnest(p_reactions) AS u), false);
  FOREACH r IN ARRAY p_reactions LOOP
    SELECT * INTO head FROM room_heads h WHERE h.room_id = r.room_id;
    IF remove_reaction(r.room_id, r.room_seq, r.user_id, r.emoji) AND head.state < 2 THEN
      PERFORM append_room_event(r.room_id, 11::smallint, NULL, r.room_seq,
        reaction_facts(r.room_id, r.room_seq, r.emoji) || jsonb_build_object('userId', r.user_id, 'isAdded', false));
    END IF;
  END LOOP;
  RETURN cardinality(p_reactions);
END $$;

-- Deletes a room on behalf of a member. status: OK, NOT_FOUND, FORBIDDEN
CREATE OR REPLACE FUNCTION delete_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_actor);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN coalesce(at.permission_bits, 0) & 64 = 0 THEN 'FORBIDDEN' ELSE 'OK' END;
  IF status = 'OK' THEN
    room_seq := end_room(p_room, p_actor);
  END IF;
  RETURN NEXT;
END $$;

-- Deletes a room whose head the caller has locked: it stays as a tombstone, and its members lose access. Returns the number of the
-- event.
CREATE OR REPLACE FUNCTION end_room(p_room BIGINT, p_actor BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT; v_users BIGINT[];
BEGIN
  UPDATE rooms SET deleted_at = clock_timestamp(), member_count = 0 WHERE id = p_room;
  UPDATE room_heads SET state = 2 WHERE room_id = p_room;
  v_seq := append_room_event(p_room, 4::smallint, p_actor, NULL, NULL);
  SELECT array_agg(m.user_id ORDER BY m.user_id) INTO v_users FROM memberships m WHERE m.room_id = p_room;
  PERFORM append_account_events(v_users, 2::smallint, p_room, array_fill(v_seq, ARRAY[cardinality(v_users)]));
  DELETE FROM memberships m WHERE m.room_id = p_room;
  DELETE FROM permission_overrides o WHERE o.room_id = p_room;
  DELETE FROM former_timeouts f WHERE f.room_id = p_room;
  DELETE FROM slow_mode_posts s WHERE s.room_id = p_room;
  DELETE FROM bans b WHERE b.room_id = p_room;
  -- A join with a table that was empty when it was planned reads the whole index.
  DELETE FROM drafts d WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(v_users) AS u(user_id)
    CROSS JOIN LATERAL (SELECT o.ctid FROM drafts o WHERE o.user_id = u.user_id AND o.room_id = p_room OFFSET 0) o));
  RETURN v_seq;
END $$;
