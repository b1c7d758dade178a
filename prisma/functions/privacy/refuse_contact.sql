-- Whether one of these users does not let the actor message (p_is_direct) or add them: by a block, or by the own setting, which
-- is 1 for members of a shared room and 2 for nobody. The caller holds the places of the users, or the answer may be outdated.
CREATE OR REPLACE FUNCTION refuse_contact(p_actor BIGINT, p_users BIGINT[], p_is_direct BOOLEAN) RETURNS BOOLEAN LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM unnest(p_users) AS u(id)
    CROSS JOIN LATERAL (SELECT CASE WHEN p_is_direct THEN w.direct_messages_from ELSE w.addable_by END AS rule FROM users w WHERE w.id = u.id LIMIT 1) w
    WHERE u.id <> p_actor AND (w.rule = 2 OR has_blocked(u.id, p_actor) OR w.rule = 1 AND NOT shares_room(p_actor, u.id)));
END $$;
