-- What is purged every hour is found by its age.
CREATE INDEX sessions_expires_at_idx ON sessions (expires_at);
CREATE INDEX refresh_tokens_rotated_at_idx ON refresh_tokens (rotated_at) WHERE rotated_at IS NOT NULL;
