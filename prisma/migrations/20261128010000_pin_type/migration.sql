-- What a batch of changes may also consist of.
CREATE TYPE message_pin AS (room_id BIGINT, room_seq BIGINT, actor_id BIGINT, is_pinned BOOLEAN);
