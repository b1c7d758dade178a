-- CreateTable
CREATE TABLE "renames" (
    "user_id" BIGINT NOT NULL,
    "after_room_id" BIGINT NOT NULL,

    CONSTRAINT "renames_pkey" PRIMARY KEY ("user_id")
);

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- A new display name is told to every room the person is in: to the first 100 in this transaction, so that no more heads
-- are locked at once, and to the others by jobs that call tell_rename. Returns the rooms that were told.
CREATE OR REPLACE FUNCTION rename_user(p_user BIGINT, p_display_name TEXT)
RETURNS TABLE (room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships; v_rooms BIGINT[]; v_last BIGINT;
BEGIN
  v_rooms := ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user ORDER BY m.room_id LIMIT 100);
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (v_rooms) ORDER BY h.room_id FOR NO KEY UPDATE;
  UPDATE users SET display_name = p_display_name WHERE id = p_user AND display_name <> p_display_name;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  FOR member IN SELECT * FROM memberships m WHERE m.user_id = p_user AND m.room_id = ANY (v_rooms) ORDER BY m.room_id LOOP
    room_id := member.room_id;
    room_seq := append_room_event(member.room_id, 9::smallint, p_user, p_user, member_facts(member));
    RETURN NEXT;
  END LOOP;
  -- The next after the rooms above; all again where the person joined one of them before the name changed.
  SELECT CASE WHEN bool_or(m.room_id < v_rooms[cardinality(v_rooms)]) THEN 0 ELSE coalesce(v_rooms[cardinality(v_rooms)], 0) END
    INTO v_last FROM memberships m WHERE m.user_id = p_user AND m.room_id <> ALL (v_rooms) HAVING count(*) > 0;
  IF v_last IS NULL THEN
    DELETE FROM renames r WHERE r.user_id = p_user;
  ELSE
    INSERT INTO renames (user_id, after_room_id) VALUES (p_user, v_last)
    ON CONFLICT (user_id) DO UPDATE SET after_room_id = EXCLUDED.after_room_id;
    PERFORM jobs.add_job('tell-rename', json_build_object('userId', p_user), job_key => 'tell-rename ' || p_user);
  END IF;
END $$;

-- Tells the next 100 rooms of a new display name. Its place is saved with the events, so each room is told once, whatever
-- ends the job. Returns the rooms that were told.
CREATE OR REPLACE FUNCTION tell_rename(p_user BIGINT)
RETURNS TABLE (room_id BIGINT, room_seq BIGINT) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
  member memberships; v_after BIGINT; v_rooms BIGINT[];
BEGIN
  SELECT r.after_room_id INTO v_after FROM renames r WHERE r.user_id = p_user;
  v_rooms := ARRAY(SELECT m.room_id FROM memberships m WHERE m.user_id = p_user AND m.room_id > v_after ORDER BY m.room_id LIMIT 100);
  -- Heads first, as everywhere. Another renaming may have begun meanwhile: then the next call tells its rooms.
  PERFORM 1 FROM room_heads h WHERE h.room_id = ANY (v_rooms) ORDER BY h.room_id FOR NO KEY UPDATE;
  PERFORM 1 FROM renames r WHERE r.user_id = p_user AND r.after_room_id = v_after FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  FOR member IN SELECT * FROM memberships m WHERE m.user_id = p_user AND m.room_id = ANY (v_rooms) ORDER BY m.room_id LOOP
    room_id := member.room_id;
    room_seq := append_room_event(member.room_id, 9::smallint, p_user, p_user, member_facts(member));
    RETURN NEXT;
  END LOOP;
  IF cardinality(v_rooms) < 100 THEN
    DELETE FROM renames r WHERE r.user_id = p_user;
  ELSE
    UPDATE renames r SET after_room_id = v_rooms[100] WHERE r.user_id = p_user;
  END IF;
END $$;
