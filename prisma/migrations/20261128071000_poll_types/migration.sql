-- Messages with a poll. root_seq: of a reply, any message of its thread. options: a JSON array of texts.
CREATE TYPE new_poll AS (room_id BIGINT, author_id BIGINT, key TEXT, fingerprint UUID, text TEXT, reply_to BIGINT, root_seq BIGINT, is_in_room BOOLEAN,
  options TEXT, max_choices INT, is_anonymous BOOLEAN, hides_results BOOLEAN, closes_at TIMESTAMPTZ);
-- All choices of a user in a poll: places of options, from 1, in ascending order.
CREATE TYPE poll_vote AS (room_id BIGINT, room_seq BIGINT, actor_id BIGINT, options INT[]);
