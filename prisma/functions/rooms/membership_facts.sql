-- The same for a membership that is not stored yet.
CREATE OR REPLACE FUNCTION membership_facts(p_role SMALLINT, p_permissions BIGINT, p_timeout_until TIMESTAMPTZ, p_read_seq BIGINT,
  p_delivered_seq BIGINT, p_joined_at TIMESTAMPTZ) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('role', p_role, 'permissions', p_permissions, 'timeoutUntil', timeout_ms(p_timeout_until),
    'readSeq', p_read_seq, 'deliveredSeq', p_delivered_seq,
    'joinedAt', to_char(p_joined_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
$$;
