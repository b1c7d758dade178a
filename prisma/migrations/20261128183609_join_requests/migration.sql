-- AlterTable
ALTER TABLE "room_heads" ADD COLUMN     "join_policy" SMALLINT NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "join_requests" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "text" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "join_requests_pkey" PRIMARY KEY ("room_id","user_id")
);

-- CreateIndex
CREATE INDEX "join_requests_user_id_created_at_idx" ON "join_requests"("user_id", "created_at");

-- CreateTable
CREATE TABLE "join_request_pauses" (
    "room_id" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "join_request_pauses_pkey" PRIMARY KEY ("room_id","user_id")
);

-- CreateIndex
CREATE INDEX "join_request_pauses_user_id_idx" ON "join_request_pauses"("user_id");

-- CreateIndex
CREATE INDEX "join_request_pauses_until_idx" ON "join_request_pauses"("until");

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Deletes an account: ends its sessions, erases what the user has beside messages, takes the user out of the first 10 rooms and all
-- requests to join back, and adds the jobs for everything else. p_actor is the user, an administrator, or null for the command line. The
-- username is free again.
-- status: OK, FORBIDDEN, NO_USER (also for a deleted one), LAST_ADMIN
CREATE OR REPLACE FUNCTION close_account(p_actor BIGINT, p_user BIGINT, p_erases_messages BOOLEAN)
RETURNS TABLE (status TEXT, session_ids BIGINT[], room_ids BIGINT[], room_seqs BIGINT[]) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  account users; v_was_admin BOOLEAN := EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.is_admin);
BEGIN
  -- As in set_server_role: two administrators cannot remove each other.
  IF v_was_admin THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('server roles', 0));
  END IF;
  -- Heads before users, as in every other change.
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user ORDER BY m.room_id LIMIT 10)
      || ARRAY(SELECT j.room_id FROM join_requests j WHERE j.user_id = p_user)) ORDER BY h.room_id FOR NO KEY UPDATE;
  SELECT * INTO account FROM users u WHERE u.id = p_user AND u.deleted_at IS NULL FOR NO KEY UPDATE;
  IF account.is_admin AND NOT v_was_admin THEN
    RAISE EXCEPTION 'the user has become an administrator meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
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
    PERFORM add_erasure_job(p_user, now());
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
  DELETE FROM passkeys k WHERE k.user_id = p_user;
  DELETE FROM renames r WHERE r.user_id = p_user;
  DELETE FROM creation_keys k WHERE k.author_id = p_user;
  DELETE FROM bans b WHERE b.user_id = p_user;
  DELETE FROM join_request_pauses p WHERE p.user_id = p_user;
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

-- Takes a deleted user out of the next 10 rooms, and all requests to join back. After a room that was deleted it stops: that can take as
-- long as delete_room. It saves its position with the events, so each room is left once, however the job ends. Returns the changed rooms.
CREATE OR REPLACE FUNCTION leave_erased_rooms(p_user BIGINT)
RETURNS TABLE (room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_after BIGINT; v_is_again BOOLEAN; v_until BIGINT; v_rooms BIGINT[];
  v_asked BIGINT[] := ARRAY(SELECT j.room_id FROM join_requests j WHERE j.user_id = p_user);
BEGIN
  SELECT e.after_room_id, e.is_again INTO v_after, v_is_again FROM erasures e WHERE e.user_id = p_user;
  v_rooms := ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user AND m.room_id > v_after ORDER BY m.room_id LIMIT 10);
  -- Heads first, as everywhere. Another node may run the same job.
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (v_rooms || v_asked) ORDER BY h.room_id FOR NO KEY UPDATE;
  PERFORM 1 FROM erasures e WHERE e.user_id = p_user AND e.after_room_id = v_after FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  v_until := v_rooms[10];
  FOR room_id IN SELECT m.room_id FROM memberships m WHERE m.user_id = p_user AND m.room_id = ANY (v_rooms) ORDER BY m.room_id LOOP
    -- The second time is for rooms that the user joined at a node that did not know of the deletion yet.
    CONTINUE WHEN v_is_again AND EXISTS (SELECT FROM rooms r WHERE r.id = room_id AND r.kind = 3);
    room_seq := take_out_erased(room_id, p_user);
    RETURN NEXT;
    IF EXISTS (SELECT FROM rooms r WHERE r.id = room_id AND r.deleted_at IS NOT NULL) THEN
      v_until := room_id;
      EXIT;
    END IF;
  END LOOP;
  UPDATE erasures e SET after_room_id = v_until WHERE e.user_id = p_user;
  FOR room_id IN SELECT j.room_id FROM join_requests j WHERE j.user_id = p_user AND j.room_id = ANY (v_asked) ORDER BY j.room_id LOOP
    room_seq := settle_join_request(room_id, p_user, 4);
    RETURN NEXT;
  END LOOP;
END $$;

-- Bans a user, who need not be a member: ends the membership, declines a request to join, and refuses to join until p_expires_at, or
-- for ever. A new ban replaces the one before.
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
    ELSIF has_join_request(p_room, p_user) THEN
      room_seq := settle_join_request(p_room, p_user, 3);
    END IF;
    PERFORM record_act(p_room, p_actor, 'ban', p_user, p_reason, audit_change('expiresAt', timeout_ms(old.expires_at), timeout_ms(p_expires_at)));
  END IF;
  RETURN NEXT;
END $$;

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

-- Takes back a request; the user can ask again after 10 minutes. status: OK, SAME (there is none), NOT_FOUND
CREATE OR REPLACE FUNCTION cancel_join_request(p_room BIGINT, p_user BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  at room_and_actor := lock_room(p_room, p_user);
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN has_join_request(p_room, p_user) THEN 'OK' ELSE 'SAME' END;
  IF status = 'OK' THEN
    room_seq := settle_join_request(p_room, p_user, 4);
    PERFORM pause_join_requests(p_room, p_user, 600);
  END IF;
  RETURN NEXT;
END $$;

-- Declines all requests of a room that is being deleted, and ends the pauses of users; the caller holds the lock of its head.
-- A plan that was made while there were no requests would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION decline_join_requests(p_room BIGINT) RETURNS VOID LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  v_users BIGINT[] := ARRAY(SELECT j.user_id FROM join_requests j WHERE j.room_id = p_room ORDER BY j.user_id);
BEGIN
  PERFORM append_account_events(v_users, 16::smallint, p_room, array_fill(3::bigint, ARRAY[cardinality(v_users)]));
  DELETE FROM join_requests j WHERE j.room_id = p_room;
  DELETE FROM join_request_pauses p WHERE p.room_id = p_room;
END $$;

-- Removes the request of a user, if there is one; the caller holds the lock of the room's head.
-- A plan that was made while there were no requests would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION end_join_request(p_room BIGINT, p_user BIGINT) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM join_requests j WHERE j.room_id = p_room AND j.user_id = p_user;
  RETURN FOUND;
END $$;

-- Whether a user waits for an answer.
CREATE OR REPLACE FUNCTION has_join_request(p_room BIGINT, p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM join_requests j WHERE j.room_id = p_room AND j.user_id = p_user)
$$;

-- How long a user whose request was taken back or declined waits before the next one for that room, in ms; NULL: not at all.
-- A plan that was made while nobody had to wait would read all rows: enable_seqscan.
CREATE OR REPLACE FUNCTION join_request_wait(p_room BIGINT, p_user BIGINT) RETURNS INT LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
  RETURN (SELECT CASE WHEN x.ms > 0 THEN x.ms END FROM (
    -- After a step of the clock backwards, nobody waits longer than the longest pause.
    SELECT ceil(extract(epoch FROM least(p.until - clock_timestamp(), interval '24 hours')) * 1000)::int AS ms
    FROM join_request_pauses p WHERE p.room_id = p_room AND p.user_id = p_user) x);
END $$;

-- Keeps a user from asking for the same room again, for a number of seconds; the caller holds the lock of the room's head.
CREATE OR REPLACE FUNCTION pause_join_requests(p_room BIGINT, p_user BIGINT, p_seconds INT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
  INSERT INTO join_request_pauses (room_id, user_id, until) VALUES (p_room, p_user, clock_timestamp() + p_seconds * interval '1 second')
  ON CONFLICT (room_id, user_id) DO UPDATE SET until = excluded.until
$$;

-- Asks for membership in a public room whose members decide who joins.
-- status: OK, SAME (a member, or has asked), NOT_FOUND, BANNED, ARCHIVED, OPEN (everybody can join), NOT_OPEN (only by invites),
--         PAUSED (for retry_after_ms, because an earlier request was taken back or declined), LIMIT (20 requests of the user),
--         QUEUE_FULL (1000 requests for the room)
-- A plan that was made while there were no requests would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION request_to_join(p_room BIGINT, p_user BIGINT, p_text TEXT)
RETURNS TABLE (status TEXT, room_seq BIGINT, retry_after_ms INT) LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
DECLARE
  at room_and_actor; v_policy SMALLINT;
BEGIN
  -- The second of two requests of a user at once counts the first.
  PERFORM lock_places(ARRAY[p_user]);
  at := lock_room(p_room, p_user);
  v_policy := (SELECT h.join_policy FROM room_heads h WHERE h.room_id = p_room);
  room_seq := at.last_room_seq;
  retry_after_ms := join_request_wait(p_room, p_user);
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND'
    WHEN at.role IS NOT NULL OR has_join_request(p_room, p_user) THEN 'SAME'
    WHEN is_banned(p_room, p_user) THEN 'BANNED'
    WHEN at.state = 1 THEN 'ARCHIVED' WHEN v_policy = 1 THEN 'OPEN' WHEN v_policy = 3 THEN 'NOT_OPEN'
    WHEN retry_after_ms IS NOT NULL THEN 'PAUSED'
    WHEN (SELECT count(*) FROM join_requests j WHERE j.user_id = p_user) > 19 THEN 'LIMIT'
    WHEN (SELECT count(*) FROM join_requests j WHERE j.room_id = p_room) > 999 THEN 'QUEUE_FULL' ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO join_requests (room_id, user_id, text, created_at) VALUES (p_room, p_user, p_text, clock_timestamp());
    PERFORM append_account_events(ARRAY[p_user], 16::smallint, p_room, ARRAY[1::bigint]);
    room_seq := tell_join_requests(p_room);
  END IF;
  RETURN NEXT;
END $$;

-- Ends the request of a user, with the events; the caller holds the lock of the room's head. Returns the last number of its log.
-- p_state is that of tell_join_answers.
CREATE OR REPLACE FUNCTION settle_join_request(p_room BIGINT, p_user BIGINT, p_state BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM end_join_request(p_room, p_user);
  RETURN tell_join_answers(p_room, ARRAY[p_user], p_state);
END $$;

-- Appends the events of requests that have ended: to the own logs of the users, and to the room, whose head the caller has locked.
-- Returns the last number of its log.
-- p_state is what the events of the own logs have in place of a number: 1 waiting, 2 accepted, 3 declined, 4 taken back.
CREATE OR REPLACE FUNCTION tell_join_answers(p_room BIGINT, p_users BIGINT[], p_state BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM append_account_events(p_users, 16::smallint, p_room, array_fill(p_state, ARRAY[cardinality(p_users)]));
  RETURN tell_join_requests(p_room);
END $$;

-- Appends the event that the requests of a room have changed; the caller holds the lock of its head. It names nobody, because all
-- members get it.
-- A plan that was made while there were no requests would read all of them: enable_seqscan.
CREATE OR REPLACE FUNCTION tell_join_requests(p_room BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $$
BEGIN
  RETURN append_room_event(p_room, 34::smallint, NULL, NULL,
    jsonb_build_object('count', (SELECT count(*) FROM join_requests j WHERE j.room_id = p_room)));
END $$;

-- Adds users to a room whose head the caller has locked. Members stay unchanged. Each new member causes a MemberJoined
-- in the room and, unless hidden, an access granted in the own log. Requests of new members count as accepted. Returns the last number.
CREATE OR REPLACE FUNCTION admit_members(p_room BIGINT, p_actor BIGINT, p_users BIGINT[], p_role SMALLINT, p_from_start BOOLEAN, p_hidden_from BIGINT)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  head room_heads; member memberships; v_user BIGINT; v_seq BIGINT;
  v_granted BIGINT[] := '{}'; v_seqs BIGINT[] := '{}'; v_asked BIGINT[] := '{}'; v_added INTEGER := 0;
  v_kind SMALLINT := (SELECT r.kind FROM rooms r WHERE r.id = p_room);
BEGIN
  SELECT * INTO head FROM room_heads WHERE room_id = p_room;
  -- Waits for a renaming that has begun, or the room would keep the old name: rename_user changes this row before it
  -- looks for memberships. FOR KEY SHARE would not wait for it.
  PERFORM 1 FROM users u WHERE u.id = ANY (p_users)
    AND NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = p_room AND m.user_id = u.id) ORDER BY u.id FOR SHARE;
  v_seq := head.last_room_seq;
  FOR v_user IN SELECT DISTINCT u FROM unnest(p_users) AS u ORDER BY u LOOP
    CONTINUE WHEN EXISTS (SELECT FROM memberships WHERE room_id = p_room AND user_id = v_user);
    -- mentioned_seq: a message from an earlier membership may have mentioned the user.
    INSERT INTO memberships (room_id, user_id, role, permission_bits, timeout_until, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    VALUES (p_room, v_user, p_role, effective_permissions(p_room, v_kind, p_role, v_user),
      (SELECT f.until FROM former_timeouts f WHERE f.room_id = p_room AND f.user_id = v_user LIMIT 1), CASE WHEN p_from_start THEN 1 ELSE v_seq + 1 END,
      head.last_message_seq, head.last_message_seq, head.last_message_seq, p_hidden_from IS NOT NULL AND v_user <> p_hidden_from,
      greatest(clock_timestamp()::timestamptz(3), head.last_at))
    RETURNING * INTO member;
    v_seq := append_room_event(p_room, 8::smallint, p_actor, v_user, member_facts(member));
    v_added := v_added + 1;
    IF end_join_request(p_room, v_user) THEN
      v_asked := v_asked || v_user;
    END IF;
    IF NOT member.is_hidden THEN
      v_granted := v_granted || v_user; v_seqs := v_seqs || member.from_room_seq;
    END IF;
  END LOOP;
  UPDATE rooms SET member_count = member_count + v_added WHERE id = p_room AND v_added > 0;
  PERFORM append_account_events(v_granted, 1::smallint, p_room, v_seqs);
  IF cardinality(v_asked) > 0 THEN
    v_seq := tell_join_answers(p_room, v_asked, 2);
  END IF;
  RETURN v_seq;
END $$;

-- Makes users members of public rooms. The caller holds the locks of the rooms, of the users' places and of their own logs;
-- rooms in p_busy are locked by somebody else.
-- status: OK, SAME (a member already), BUSY, NO_PLACE (the user is in max_rooms rooms), NOT_FOUND, BANNED, ARCHIVED, FULL,
--         NOT_OPEN (users become members by a request or an invite),
--         AGAIN (the same join is earlier in this batch: send it again)
-- details: the facts of the membership, and answeredSeq: the last number of the room's log, if a request of the user counts as accepted
-- Every lookup is a LATERAL with a limit: left to choose, the planner scans what was empty when it planned.
CREATE OR REPLACE FUNCTION apply_joins(p_joins room_join[], p_busy BIGINT[]) RETURNS change_outcome[] LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  v_now TIMESTAMPTZ(3) := clock_timestamp(); v_stamp BIGINT := pg_current_xact_id()::text::bigint; outcomes change_outcome[]; joined room_join;
BEGIN
  -- Waits for a renaming that has begun, or the room would keep the old name: rename_user changes this row before it
  -- looks for memberships. FOR KEY SHARE would not wait for it.
  PERFORM 1 FROM users w WHERE w.id IN (SELECT u.user_id FROM unnest(p_joins) AS u
    WHERE NOT EXISTS (SELECT FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id)) ORDER BY w.id FOR SHARE;
  WITH judged AS (
    SELECT u.*, r.kind, h.last_room_seq, h.last_message_seq, greatest(v_now, h.last_at) AS at, w.username, w.display_name, c.rooms, a.last_account_seq, f.until AS timeout_until,
      CASE WHEN u.room_id = ANY (p_busy) THEN 'BUSY'
        WHEN m.user_id IS NULL AND c.rooms >= u.max_rooms THEN 'NO_PLACE'
        WHEN (w.guest_room_id IS NOT NULL OR w.deleted_at IS NOT NULL) AND m.role IS NULL THEN 'NOT_FOUND'
        WHEN r.id IS NULL OR h.state = 2 OR (r.kind <> 1 AND (m.role IS NULL OR m.is_hidden)) THEN 'NOT_FOUND'
        WHEN m.user_id IS NOT NULL THEN 'SAME'
        WHEN b.user_id IS NOT NULL THEN 'BANNED'
        WHEN h.state = 1 THEN 'ARCHIVED' WHEN h.join_policy > 1 THEN 'NOT_OPEN'
        WHEN h.last_room_seq > max_seq() - cardinality(p_joins) THEN 'FULL'
        WHEN row_number() OVER (PARTITION BY u.room_id, u.user_id ORDER BY u.ord) > 1 THEN 'AGAIN'
        ELSE 'OK' END AS status
    FROM unnest(p_joins) WITH ORDINALITY AS u(room_id, user_id, max_rooms, ord)
    LEFT JOIN LATERAL (SELECT * FROM rooms r WHERE r.id = u.room_id LIMIT 1) r ON true
    LEFT JOIN LATERAL (SELECT * FROM room_heads h WHERE h.room_id = u.room_id LIMIT 1) h ON true
    LEFT JOIN LATERAL (SELECT * FROM memberships m WHERE m.room_id = u.room_id AND m.user_id = u.user_id LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT * FROM users w WHERE w.id = u.user_id LIMIT 1) w ON true
    LEFT JOIN LATERAL (SELECT * FROM account_heads a WHERE a.user_id = u.user_id LIMIT 1) a ON true
    LEFT JOIN LATERAL (SELECT * FROM former_timeouts f WHERE f.room_id = u.room_id AND f.user_id = u.user_id LIMIT 1) f ON true
    LEFT JOIN LATERAL (SELECT * FROM bans b WHERE b.room_id = u.room_id AND b.user_id = u.user_id
      AND (b.expires_at IS NULL OR b.expires_at > v_now) LIMIT 1) b ON true
    CROSS JOIN LATERAL rooms_of(u.user_id, u.max_rooms) AS c
  ), placed AS (
    SELECT j.*, row_number() OVER (PARTITION BY j.user_id, j.status ORDER BY j.ord) AS nth_of_user FROM judged j
  ), told AS (
    SELECT p.*, CASE WHEN p.status = 'OK' AND p.rooms + p.nth_of_user > p.max_rooms THEN 'NO_PLACE' ELSE p.status END AS verdict FROM placed p
  ), numbered AS (
    SELECT t.*, t.last_room_seq + count(*) FILTER (WHERE t.verdict = 'OK') OVER (PARTITION BY t.room_id ORDER BY t.ord) AS new_room_seq FROM told t
  ), permitted AS MATERIALIZED (
    SELECT n.*, CASE WHEN n.verdict = 'OK' THEN effective_permissions(n.room_id, n.kind, 20::smallint, n.user_id) END AS permissions FROM numbered n
  ), described AS MATERIALIZED (
    SELECT n.*, CASE WHEN n.verdict = 'OK' THEN membership_facts(20::smallint, n.permissions, n.timeout_until, n.last_message_seq, n.last_message_seq, n.at)
      END AS facts FROM permitted n
  ), made AS MATERIALIZED (
    SELECT * FROM described d WHERE d.verdict = 'OK'
  ), member AS (
    INSERT INTO memberships (room_id, user_id, role, permission_bits, timeout_until, from_room_seq, read_seq, delivered_seq, mentioned_seq, is_hidden, joined_at)
    -- mentioned_seq: a message from an earlier membership may have mentioned the user.
    SELECT n.room_id, n.user_id, 20, n.permissions, n.timeout_until, n.new_room_seq, n.last_message_seq, n.last_message_seq, n.last_message_seq, false, n.at
    FROM made n
  ), event AS (
    INSERT INTO room_events (room_id, room_seq, kind, actor_id, subject, message_seq, stamp, created_at, facts)
    SELECT n.room_id, n.new_room_seq, 8, n.user_id, n.user_id, n.last_message_seq, v_stamp, n.at, n.facts FROM made n
  ), head AS (
    UPDATE room_heads h SET last_room_seq = x.room_seq, last_at = x.at, last_stamp = v_stamp, top_stamp = greatest(v_stamp, h.top_stamp)
    FROM (SELECT n.room_id, max(n.new_room_seq) AS room_seq, max(n.at) AS at FROM made n GROUP BY n.room_id) x WHERE h.room_id = x.room_id
  ), room AS (
    UPDATE rooms r SET member_count = r.member_count + x.added
    FROM (SELECT n.room_id, count(*) AS added FROM made n GROUP BY n.room_id) x WHERE r.id = x.room_id
  ), account AS (
    UPDATE account_heads h SET last_account_seq = h.last_account_seq + x.granted
    FROM (SELECT n.user_id, count(*) AS granted FROM made n GROUP BY n.user_id) x WHERE h.user_id = x.user_id
  ), account_event AS (
    INSERT INTO account_events (user_id, account_seq, kind, room_id, room_seq, created_at)
    SELECT n.user_id, n.last_account_seq + n.nth_of_user, 1, n.room_id, n.new_room_seq, v_now FROM made n
  )
  SELECT array_agg(ROW('join', d.ord, d.verdict, d.new_room_seq, d.last_message_seq, d.at, d.username, d.display_name, d.facts)::change_outcome)
  INTO outcomes FROM described d;
  FOR i IN 1 .. cardinality(outcomes) LOOP
    joined := p_joins[outcomes[i].ord];
    IF outcomes[i].status = 'OK' AND end_join_request(joined.room_id, joined.user_id) THEN
      outcomes[i].details := outcomes[i].details || jsonb_build_object('answeredSeq', tell_join_answers(joined.room_id, ARRAY[joined.user_id], 2));
    END IF;
  END LOOP;
  RETURN outcomes;
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
  PERFORM decline_join_requests(p_room);
  -- A join with a table that was empty when it was planned reads the whole index.
  DELETE FROM drafts d WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(v_users) AS u(user_id)
    CROSS JOIN LATERAL (SELECT o.ctid FROM drafts o WHERE o.user_id = u.user_id AND o.room_id = p_room OFFSET 0) o));
  RETURN v_seq;
END $$;

-- The settings of a room in the form of its event.
CREATE OR REPLACE FUNCTION settings_facts(p_room BIGINT) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('version', h.settings_version, 'slowModeSeconds', h.slow_mode_seconds, 'posting', posting_policy(h.room_id),
    'joinPolicy', (ARRAY['open', 'request', 'invite'])[h.join_policy])
  FROM room_heads h WHERE h.room_id = p_room
$$;

-- Changes settings of a room: those in p_changes, under the names of settings_facts. null ends slow mode.
-- status: OK, SAME, NOT_FOUND, DIRECT, FORBIDDEN, ARCHIVED, NOT_PUBLIC (nobody joins such a room without an invite),
--         VERSION (the version was passed by), and those of set_posting_policy
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
    WHEN at.kind <> 1 AND v_new -> 'joinPolicy' <> v_old -> 'joinPolicy' THEN 'NOT_PUBLIC'
    WHEN v_new = v_old THEN 'SAME' WHEN p_expected_version <> (v_old ->> 'version')::int THEN 'VERSION' ELSE 'OK' END;
  IF status = 'OK' AND v_new -> 'posting' <> v_old -> 'posting' THEN
    status := set_posting_policy(p_room, p_actor, v_new ->> 'posting');
  END IF;
  IF status = 'OK' THEN
    UPDATE room_heads h SET settings_version = h.settings_version + 1, slow_mode_seconds = (v_new ->> 'slowModeSeconds')::int,
      join_policy = array_position(ARRAY['open', 'request', 'invite'], v_new ->> 'joinPolicy')
    WHERE h.room_id = p_room;
    DELETE FROM slow_mode_posts s WHERE s.room_id = p_room AND v_new ->> 'slowModeSeconds' IS NULL;
    room_seq := append_room_event(p_room, 33::smallint, p_actor, NULL, settings_facts(p_room));
    PERFORM record_act(p_room, p_actor, 'settings', NULL, NULL,
      audit_change('slowModeSeconds', v_old ->> 'slowModeSeconds', v_new ->> 'slowModeSeconds')
      || audit_change('posting', v_old ->> 'posting', v_new ->> 'posting')
      || audit_change('joinPolicy', v_old ->> 'joinPolicy', v_new ->> 'joinPolicy'));
  END IF;
  RETURN NEXT;
END $$;
