-- CreateTable
CREATE TABLE "drafts" (
    "user_id" BIGINT NOT NULL,
    "room_id" BIGINT NOT NULL,
    "root_seq" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,
    "text" TEXT NOT NULL,
    "quoted_seq" BIGINT,
    "idempotency_key" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "drafts_pkey" PRIMARY KEY ("user_id","room_id","root_seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "drafts_user_id_version_key" ON "drafts"("user_id", "version");

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Removes drafts that are over from some users. Returns the last checked user, for the next call; NULL after the last one.
CREATE OR REPLACE FUNCTION clean_drafts(p_after_user BIGINT, p_users INT)
RETURNS TABLE (last_user BIGINT, deleted BIGINT) LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_user BIGINT := p_after_user;
BEGIN
  deleted := 0;
  FOR n IN 1..p_users LOOP
    SELECT min(d.user_id) INTO v_user FROM drafts d WHERE d.user_id > v_user;
    last_user := v_user;
    EXIT WHEN v_user IS NULL;
    deleted := deleted + remove_sent_drafts(v_user);
  END LOOP;
  RETURN NEXT;
END $$;

-- Whether the user's message with this key is stored: then its draft is over.
CREATE OR REPLACE FUNCTION is_draft_sent(p_room BIGINT, p_user BIGINT, p_key TEXT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM messages m WHERE m.room_id = p_room AND m.author_id = p_user AND m.idempotency_key = p_key COLLATE "C")
$$;

-- Removes the drafts of a user whose messages are stored, and all drafts of an erased user. Returns how many.
CREATE OR REPLACE FUNCTION remove_sent_drafts(p_user BIGINT) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_removed BIGINT;
BEGIN
  DELETE FROM drafts d WHERE d.user_id = p_user AND (is_draft_sent(d.room_id, d.user_id, d.idempotency_key)
    OR EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.deleted_at IS NOT NULL));
  GET DIAGNOSTICS v_removed = ROW_COUNT;
  RETURN v_removed;
END $$;

-- Saves what a user has begun to write in a room, or in the thread of a message of it (p_message). Without a text, removes it.
-- A draft is over once the user's message with its key is stored. Posts do not touch drafts: each reader compares the keys.
-- p_expected: the version that the caller knows, 0 for none; NULL saves in any case.
-- status: OK, SAME, NOT_FOUND (the room), NO_THREAD, KEY_CONFLICT (the message was sent), VERSION, NO_QUOTE, LIMIT (200 drafts)
CREATE OR REPLACE FUNCTION save_draft(p_user BIGINT, p_room BIGINT, p_message BIGINT, p_text TEXT, p_quoted BIGINT, p_key TEXT, p_expected BIGINT)
RETURNS TABLE (status TEXT, account_seq BIGINT, root_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships; old drafts; v_root BIGINT := 0; v_known BIGINT;
BEGIN
  PERFORM lock_accounts(ARRAY[p_user]);
  SELECT * INTO member FROM memberships m WHERE m.room_id = p_room AND m.user_id = p_user AND NOT m.is_hidden
    AND EXISTS (SELECT FROM room_heads h WHERE h.room_id = p_room AND h.state < 2);
  IF p_message IS NOT NULL THEN
    SELECT coalesce(m.thread_root_seq, m.room_seq) INTO v_root FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_message
      AND coalesce(m.seq >= member.visible_from_seq, m.room_seq >= member.visible_from_room_seq);
  END IF;
  SELECT * INTO old FROM drafts d WHERE d.user_id = p_user AND d.room_id = p_room AND d.root_seq = v_root
    AND NOT is_draft_sent(d.room_id, d.user_id, d.idempotency_key);
  v_known := coalesce(old.version, 0);
  status := CASE WHEN member.user_id IS NULL THEN 'NOT_FOUND' WHEN v_root IS NULL THEN 'NO_THREAD'
    WHEN p_text IS NOT NULL AND is_draft_sent(p_room, p_user, p_key) THEN 'KEY_CONFLICT'
    WHEN p_text IS NULL AND v_known = 0 THEN 'SAME'
    WHEN p_expected <> v_known THEN 'VERSION'
    WHEN p_text IS NULL THEN 'OK'
    WHEN v_known > 0 AND ROW(old.text, old.idempotency_key, old.quoted_seq) IS NOT DISTINCT FROM ROW(p_text, p_key, p_quoted) THEN 'SAME'
    WHEN p_quoted IS NOT NULL AND NOT EXISTS (SELECT FROM messages m WHERE m.room_id = p_room AND m.room_seq = p_quoted
      AND coalesce(m.seq >= member.visible_from_seq, m.room_seq >= member.visible_from_room_seq)) THEN 'NO_QUOTE'
    ELSE 'OK' END;
  IF status = 'OK' AND p_text IS NOT NULL AND v_known = 0 AND (SELECT count(*) FROM drafts d WHERE d.user_id = p_user) > 199 THEN
    PERFORM remove_sent_drafts(p_user);
    IF (SELECT count(*) FROM drafts d WHERE d.user_id = p_user) > 199 THEN
      status := 'LIMIT';
    END IF;
  END IF;
  IF status = 'OK' THEN
    PERFORM append_account_events(ARRAY[p_user], 11::smallint, p_room, ARRAY[v_root]);
  END IF;
  SELECT a.last_account_seq INTO account_seq FROM account_heads a WHERE a.user_id = p_user;
  IF status = 'OK' AND p_text IS NULL THEN
    DELETE FROM drafts d WHERE d.user_id = p_user AND d.room_id = p_room AND d.root_seq = v_root;
  ELSIF status = 'OK' THEN
    INSERT INTO drafts AS d (user_id, room_id, root_seq, version, text, quoted_seq, idempotency_key, updated_at)
    VALUES (p_user, p_room, v_root, account_seq, p_text, p_quoted, p_key, clock_timestamp())
    ON CONFLICT (user_id, room_id, root_seq) DO UPDATE SET version = excluded.version, text = excluded.text,
      quoted_seq = excluded.quoted_seq, idempotency_key = excluded.idempotency_key, updated_at = excluded.updated_at;
  END IF;
  root_seq := v_root;
  RETURN NEXT;
END $$;

-- Deletes a room: it stays as a tombstone, and its members lose access. status: OK, NOT_FOUND, FORBIDDEN
CREATE OR REPLACE FUNCTION delete_room(p_room BIGINT, p_actor BIGINT)
RETURNS TABLE (status TEXT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  at room_and_actor := lock_room(p_room, p_actor); v_users BIGINT[];
BEGIN
  room_seq := at.last_room_seq;
  status := CASE WHEN at.kind IS NULL THEN 'NOT_FOUND' WHEN coalesce(at.permission_bits, 0) & 64 = 0 THEN 'FORBIDDEN' ELSE 'OK' END;
  IF status = 'OK' THEN
    UPDATE rooms SET deleted_at = clock_timestamp(), member_count = 0 WHERE id = p_room;
    UPDATE room_heads SET state = 2 WHERE room_id = p_room;
    room_seq := append_room_event(p_room, 4::smallint, p_actor, NULL, NULL);
    SELECT array_agg(m.user_id ORDER BY m.user_id) INTO v_users FROM memberships m WHERE m.room_id = p_room;
    PERFORM append_account_events(v_users, 2::smallint, p_room, array_fill(room_seq, ARRAY[cardinality(v_users)]));
    DELETE FROM memberships m WHERE m.room_id = p_room;
    -- A join with a table that was empty when it was planned reads the whole index.
    DELETE FROM drafts d WHERE d.ctid = ANY (ARRAY(SELECT o.ctid FROM unnest(v_users) AS u(user_id)
      CROSS JOIN LATERAL (SELECT o.ctid FROM drafts o WHERE o.user_id = u.user_id AND o.room_id = p_room OFFSET 0) o));
  END IF;
  RETURN NEXT;
END $$;

-- Removes one member from a room whose head the caller has locked.
CREATE OR REPLACE FUNCTION dismiss_member(p_room BIGINT, p_actor BIGINT, p_user BIGINT, p_removed BOOLEAN)
RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_seq BIGINT;
BEGIN
  v_seq := append_room_event(p_room, 10::smallint, p_actor, p_user, jsonb_build_object('removed', p_removed));
  DELETE FROM memberships WHERE room_id = p_room AND user_id = p_user;
  UPDATE rooms SET member_count = member_count - 1 WHERE id = p_room;
  PERFORM append_account_events(ARRAY[p_user], 2::smallint, p_room, ARRAY[v_seq]);
  -- Behind the lock of the own log, which set_thread_state and save_draft hold.
  DELETE FROM thread_members WHERE room_id = p_room AND user_id = p_user;
  DELETE FROM drafts WHERE room_id = p_room AND user_id = p_user;
  RETURN v_seq;
END $$;
