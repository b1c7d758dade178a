-- The details of a post that expires: whom it mentions, and when it expires. Nodes of the previous release read only the mentions.
CREATE OR REPLACE FUNCTION expiring_facts(p_mentions JSONB, p_expires_at TIMESTAMPTZ) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT coalesce(p_mentions, '{"userIds": [], "isEverybody": false}') || jsonb_build_object('expiresAt', timeout_ms(p_expires_at))
$$;
