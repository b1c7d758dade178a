-- What a batch of changes may also consist of. mode: read and delivered raise a mark to seq, unread lowers the read mark to it.
CREATE TYPE read_mark AS (room_id BIGINT, user_id BIGINT, mode TEXT, seq BIGINT);
