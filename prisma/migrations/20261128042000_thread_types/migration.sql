-- Replies of a batch. root_seq: any message of the thread, mostly its root.
CREATE TYPE thread_reply AS (room_id BIGINT, author_id BIGINT, key TEXT, fingerprint UUID, text TEXT, reply_to BIGINT, root_seq BIGINT, is_in_room BOOLEAN);
-- A reply that was stored. seq: in the main timeline, if it is there.
CREATE TYPE placed_reply AS (room_id BIGINT, root_seq BIGINT, thread_seq BIGINT, room_seq BIGINT, seq BIGINT, author_id BIGINT, root_author_id BIGINT,
  created_at TIMESTAMPTZ, mentions JSONB);
