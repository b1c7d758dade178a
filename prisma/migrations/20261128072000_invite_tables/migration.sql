-- AlterTable
ALTER TABLE "users" ADD COLUMN     "guest_room_id" BIGINT;

-- CreateTable
CREATE TABLE "invites" (
    "id" BIGSERIAL NOT NULL,
    "room_id" BIGINT NOT NULL,
    "code_hash" BYTEA NOT NULL,
    "role" SMALLINT NOT NULL,
    "created_by" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "max_uses" INTEGER,
    "use_count" INTEGER NOT NULL DEFAULT 0,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "invites_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "invites_code_hash_key" ON "invites"("code_hash");

-- CreateIndex
CREATE INDEX "invites_room_id_id_idx" ON "invites"("room_id", "id");

-- Guests, who are removed when they have not come for a time. The models do not show partial indexes.
CREATE INDEX "users_guests_idx" ON "users" ("id") WHERE "guest_room_id" IS NOT NULL AND "deleted_at" IS NULL;
