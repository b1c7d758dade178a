-- Returns the time from which retention counts back. It is the database's time, but at most a day after the result of
-- the last call, and at most 24 times as fast as time passes between calls. So it catches up after a long pause, and
-- after a jump of the clock operators have days to notice. It never runs ahead of the clock.
CREATE OR REPLACE FUNCTION advance_retention_clock(OUT trusted_at TIMESTAMPTZ, OUT now_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  now_at := clock_timestamp();
  UPDATE retention_clock c SET observed_at = advance_retention_clock.now_at,
    trusted_at = least(advance_retention_clock.now_at, c.trusted_at
      + least(interval '1 day', 24 * greatest(advance_retention_clock.now_at - c.observed_at, interval '0')))
  RETURNING c.trusted_at INTO advance_retention_clock.trusted_at;
END $$;
