-- A member in the form of events.
CREATE OR REPLACE FUNCTION member_facts(p_member memberships) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT membership_facts(p_member.role, p_member.permission_bits, p_member.timeout_until, p_member.read_seq, p_member.delivered_seq,
    p_member.joined_at)
$$;
