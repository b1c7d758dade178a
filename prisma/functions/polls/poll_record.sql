-- A poll in the form of events. Times are in ms since 1970.
CREATE OR REPLACE FUNCTION poll_record(p_poll polls) RETURNS JSONB LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('options', p_poll.options, 'counts', p_poll.counts, 'voterCount', p_poll.voter_count, 'maxChoices', p_poll.max_choices,
    'isAnonymous', p_poll.is_anonymous, 'hidesResults', p_poll.hides_results, 'closesAt', timeout_ms(p_poll.closes_at),
    'closedAt', timeout_ms(p_poll.closed_at))
$$;
