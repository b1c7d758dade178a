-- Adds a round of an erasure. The rounds of a user run one after the other.
CREATE OR REPLACE FUNCTION add_erasure_job(p_user BIGINT, p_at TIMESTAMPTZ) RETURNS VOID LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM jobs.add_job('erase-account', json_build_object('userId', p_user), queue_name => 'erase-account ' || p_user, run_at => p_at);
END $$;
