-- Whether an account can sign in: by its password, by an identity of one of p_issuers, or by a passkey of p_domain (null: the server
-- offers none). One identity and one passkey can be left out, to ask what remains without them. Lock the account before: then
-- concurrent removals follow each other.
CREATE OR REPLACE FUNCTION has_way_in(p_user BIGINT, p_issuers TEXT[], p_domain TEXT, p_without_identity BIGINT DEFAULT NULL,
  p_without_passkey BIGINT DEFAULT NULL) RETURNS BOOLEAN LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM users u WHERE u.id = p_user AND u.password_hash IS NOT NULL)
    OR EXISTS (SELECT FROM identities i WHERE i.user_id = p_user AND i.issuer = ANY (p_issuers) AND i.id IS DISTINCT FROM p_without_identity)
    OR EXISTS (SELECT FROM passkeys k WHERE k.user_id = p_user AND k.domain = p_domain AND k.id IS DISTINCT FROM p_without_passkey)
$$;
