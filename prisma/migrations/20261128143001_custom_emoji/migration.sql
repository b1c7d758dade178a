-- CreateTable
CREATE TABLE "custom_emojis" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "created_by" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "custom_emojis_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "custom_emojis_name_key" ON "custom_emojis"("name");

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Creates an emoji of the server. p_actor is NULL for an operator.
-- status: OK, SAME (there is one of that name), FORBIDDEN (the actor is no server administrator), LIMIT (1000 emoji)
-- The lock of the table makes the limit exact. It does not block readers.
CREATE OR REPLACE FUNCTION create_emoji(p_actor BIGINT, p_name TEXT) RETURNS TABLE (status TEXT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  LOCK TABLE custom_emojis IN SHARE ROW EXCLUSIVE MODE;
  status := CASE WHEN NOT may_manage_emojis(p_actor) THEN 'FORBIDDEN'
    WHEN EXISTS (SELECT FROM custom_emojis e WHERE e.name = p_name) THEN 'SAME'
    WHEN (SELECT count(*) FROM custom_emojis) > 999 THEN 'LIMIT'
    ELSE 'OK' END;
  IF status = 'OK' THEN
    INSERT INTO custom_emojis (name, created_by, created_at) VALUES (p_name, p_actor, clock_timestamp());
  END IF;
  RETURN NEXT;
END $$;

-- Deletes an emoji of the server. Reactions with it stay. p_actor is NULL for an operator.
-- status: OK, SAME (there is none of that name), FORBIDDEN (the actor is no server administrator)
CREATE OR REPLACE FUNCTION delete_emoji(p_actor BIGINT, p_name TEXT) RETURNS TABLE (status TEXT) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  status := 'FORBIDDEN';
  IF may_manage_emojis(p_actor) THEN
    DELETE FROM custom_emojis e WHERE e.name = p_name;
    status := CASE WHEN FOUND THEN 'OK' ELSE 'SAME' END;
  END IF;
  RETURN NEXT;
END $$;

-- Whether a user may create and delete emoji: a server administrator, or NULL for an operator.
CREATE OR REPLACE FUNCTION may_manage_emojis(p_user BIGINT) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT p_user IS NULL OR is_administrator(p_user)
$$;
