-- What a batch of changes consists of: one array for each kind, and one outcome for each change.
CREATE TYPE new_message AS (room_id BIGINT, author_id BIGINT, key TEXT, fingerprint UUID, text TEXT, reply_to BIGINT);
CREATE TYPE message_edit AS (room_id BIGINT, room_seq BIGINT, actor_id BIGINT, text TEXT, expected_version INT);
CREATE TYPE message_deletion AS (room_id BIGINT, room_seq BIGINT, actor_id BIGINT);

-- kind and ord name the change: its array and its place in it. room_seq and message_seq are the numbers of the event, or
-- the last ones that cover a change that needed none.
-- username and display_name are the actor's, read under the lock. details belong to the kind.
CREATE TYPE change_outcome AS (
  kind TEXT, ord INT, status TEXT, room_seq BIGINT, message_seq BIGINT, created_at TIMESTAMPTZ, username TEXT, display_name TEXT, details JSONB);
