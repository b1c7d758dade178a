-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "thread_root_seq" BIGINT,
ADD COLUMN     "thread_seq" BIGINT,
ALTER COLUMN "seq" DROP NOT NULL;

-- CreateTable
CREATE TABLE "threads" (
    "room_id" BIGINT NOT NULL,
    "root_seq" BIGINT NOT NULL,
    "last_thread_seq" BIGINT NOT NULL DEFAULT 0,
    "last_room_seq" BIGINT NOT NULL,
    "last_reply_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_count" BIGINT NOT NULL DEFAULT 0,
    "last_deleted_seq" BIGINT NOT NULL DEFAULT 0,
    "last_call_seq" BIGINT NOT NULL DEFAULT 0,
    "participant_count" INTEGER NOT NULL DEFAULT 0,
    "participant_ids" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "title" TEXT,

    CONSTRAINT "threads_pkey" PRIMARY KEY ("room_id","root_seq")
);

-- CreateTable
CREATE TABLE "thread_replies" (
    "room_id" BIGINT NOT NULL,
    "root_seq" BIGINT NOT NULL,
    "thread_seq" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,

    CONSTRAINT "thread_replies_pkey" PRIMARY KEY ("room_id","root_seq","thread_seq")
);

-- CreateTable
CREATE TABLE "thread_members" (
    "room_id" BIGINT NOT NULL,
    "root_seq" BIGINT NOT NULL,
    "user_id" BIGINT NOT NULL,
    "is_following" BOOLEAN NOT NULL,
    "is_participant" BOOLEAN NOT NULL DEFAULT false,
    "read_seq" BIGINT NOT NULL DEFAULT 0,
    "mentioned_seq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "thread_members_pkey" PRIMARY KEY ("room_id","root_seq","user_id")
);

-- CreateIndex
CREATE INDEX "threads_room_id_last_room_seq_idx" ON "threads"("room_id", "last_room_seq");

-- CreateIndex
CREATE INDEX "thread_members_user_id_room_id_idx" ON "thread_members"("user_id", "room_id");
