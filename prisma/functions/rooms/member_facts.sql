CREATE OR REPLACE FUNCTION member_facts(p_member memberships) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('role', p_member.role, 'permissions', p_member.permission_bits, 'timeoutUntil', timeout_ms(p_member.timeout_until),
    'readSeq', p_member.read_seq, 'deliveredSeq', p_member.delivered_seq,
    'joinedAt', to_char(p_member.joined_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
$$;
