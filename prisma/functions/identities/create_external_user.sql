-- Creates a user without a password, with the first of these usernames that is free. Returns null if all are taken.
-- The address counts as verified if p_is_verified. The user has none if it belongs to another account.
CREATE OR REPLACE FUNCTION create_external_user(p_usernames TEXT[], p_display_name TEXT, p_email TEXT, p_is_verified BOOLEAN,
  p_sends_mail BOOLEAN) RETURNS BIGINT LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  v_email TEXT; v_username TEXT; v_user BIGINT;
BEGIN
  IF is_address_available(p_email, 0, p_sends_mail) THEN
    v_email := p_email;
  END IF;
  FOREACH v_username IN ARRAY p_usernames LOOP
    INSERT INTO users (username, display_name, email, email_verified_at)
      VALUES (v_username, coalesce(p_display_name, v_username), v_email, CASE WHEN p_is_verified AND v_email IS NOT NULL THEN now() END)
      ON CONFLICT DO NOTHING RETURNING id INTO v_user;
    EXIT WHEN v_user IS NOT NULL;
  END LOOP;
  IF v_user IS NOT NULL THEN
    INSERT INTO account_heads (user_id) VALUES (v_user);
  END IF;
  RETURN v_user;
END $$;
