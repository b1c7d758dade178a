-- A member in the form of events. Marks that the member does not share are 0 in it.
CREATE OR REPLACE FUNCTION member_facts(p_member memberships) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT membership_facts(p_member.role, p_member.permission_bits, p_member.timeout_until, CASE WHEN x.is_shared THEN p_member.read_seq ELSE 0 END,
    CASE WHEN x.is_shared THEN p_member.delivered_seq ELSE 0 END, p_member.joined_at)
  FROM (SELECT coalesce(p_member.shares_receipts, (SELECT u.shares_receipts FROM users u WHERE u.id = p_member.user_id)) AS is_shared) x
$$;
