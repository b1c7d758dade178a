-- CreateTable
CREATE TABLE "oidc_requests" (
    "hash" BYTEA NOT NULL,
    "issuer" TEXT NOT NULL,
    "redirect_uri" TEXT NOT NULL,
    "user_id" BIGINT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "oidc_requests_pkey" PRIMARY KEY ("hash")
);

-- CreateIndex
CREATE INDEX "oidc_requests_expires_at_idx" ON "oidc_requests"("expires_at");

-- CreateIndex
CREATE INDEX "oidc_requests_user_id_idx" ON "oidc_requests"("user_id");

-- AddForeignKey
ALTER TABLE "oidc_requests" ADD CONSTRAINT "oidc_requests_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- A function may call one that is created after it.
SET LOCAL check_function_bodies = off;

-- Gives a user another identity, to sign in with.
-- status: OK, SAME (the user has it already), TAKEN (another user has it), LIMIT, CLOSED (the user is suspended or erased)
CREATE OR REPLACE FUNCTION link_identity(p_user BIGINT, p_issuer TEXT, p_subject TEXT, p_display_name TEXT, p_email TEXT) RETURNS TEXT
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  identity identities := lock_identity(p_issuer, p_subject);
BEGIN
  IF identity.user_id = p_user THEN
    RETURN 'SAME';
  ELSIF identity.id IS NOT NULL THEN
    RETURN 'TAKEN';
  END IF;
  PERFORM 1 FROM users u WHERE u.id = p_user AND u.suspended_at IS NULL AND u.deleted_at IS NULL AND u.guest_room_id IS NULL FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RETURN 'CLOSED';
  ELSIF (SELECT count(*) FROM identities i WHERE i.user_id = p_user) > 9 THEN
    RETURN 'LIMIT';
  END IF;
  INSERT INTO identities (user_id, issuer, subject, display_name, email) VALUES (p_user, p_issuer, p_subject, p_display_name, p_email);
  RETURN 'OK';
END $$;

-- Takes an identity from a user, who needs another way to sign in: a password, or an identity of one of p_issuers.
-- status: OK, NOT_FOUND, LAST_WAY
CREATE OR REPLACE FUNCTION unlink_identity(p_user BIGINT, p_issuer TEXT, p_subject TEXT, p_issuers TEXT[]) RETURNS TEXT
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  account users; v_id BIGINT;
BEGIN
  SELECT * INTO account FROM users u WHERE u.id = p_user FOR NO KEY UPDATE;
  SELECT i.id INTO v_id FROM identities i WHERE i.user_id = p_user AND i.issuer = p_issuer AND i.subject = p_subject;
  IF v_id IS NULL THEN
    RETURN 'NOT_FOUND';
  ELSIF account.password_hash IS NULL
    AND NOT EXISTS (SELECT FROM identities i WHERE i.user_id = p_user AND i.id <> v_id AND i.issuer = ANY (p_issuers)) THEN
    RETURN 'LAST_WAY';
  END IF;
  DELETE FROM identities i WHERE i.id = v_id;
  RETURN 'OK';
END $$;
