-- What a batch of changes may also consist of.
CREATE TYPE room_join AS (room_id BIGINT, user_id BIGINT, max_rooms INT);
