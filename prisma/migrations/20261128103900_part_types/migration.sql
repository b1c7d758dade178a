-- Messages with parts. root_seq: of a reply, any message of its thread. parts: an object with a key for each part.
CREATE TYPE message_with_parts AS (room_id BIGINT, author_id BIGINT, key TEXT, fingerprint UUID, text TEXT, reply_to BIGINT, root_seq BIGINT, is_in_room BOOLEAN,
  parts JSONB);
-- A part of a message that was just posted, and when that was.
CREATE TYPE message_part AS (room_id BIGINT, room_seq BIGINT, created_at TIMESTAMPTZ, name TEXT, content JSONB);
