-- CreateTable
CREATE TABLE "polls" (
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,
    "options" TEXT[],
    "counts" INTEGER[],
    "voter_count" INTEGER NOT NULL DEFAULT 0,
    "max_choices" INTEGER NOT NULL,
    "is_anonymous" BOOLEAN NOT NULL,
    "hides_results" BOOLEAN NOT NULL,
    "closes_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "polls_pkey" PRIMARY KEY ("room_id","room_seq")
);

-- CreateTable
CREATE TABLE "poll_votes" (
    "room_id" BIGINT NOT NULL,
    "room_seq" BIGINT NOT NULL,
    "option" INTEGER NOT NULL,
    "user_id" BIGINT NOT NULL,

    CONSTRAINT "poll_votes_pkey" PRIMARY KEY ("room_id","room_seq","option","user_id")
);

-- CreateIndex
CREATE INDEX "poll_votes_room_id_room_seq_user_id_idx" ON "poll_votes"("room_id", "room_seq", "user_id");
