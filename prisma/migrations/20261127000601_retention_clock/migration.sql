-- What is deleted because of its age is judged by the database's clock, and only as far as that clock is to be believed:
-- a clock that was set weeks ahead would make everything old at once.
CREATE TABLE retention_clock (
  only_row BOOLEAN PRIMARY KEY DEFAULT true CHECK (only_row),
  trusted_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  observed_at TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO retention_clock DEFAULT VALUES;

-- The time by which retention judges: the database's, but at most a day after what it was by the last call, and at most 24
-- times as fast as time passes between calls. So it catches up after a long pause, and after a jump it leaves days to
-- notice. It never runs ahead of the clock.
CREATE FUNCTION advance_retention_clock(OUT trusted_at TIMESTAMPTZ, OUT now_at TIMESTAMPTZ) LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
  now_at := clock_timestamp();
  UPDATE retention_clock c SET observed_at = advance_retention_clock.now_at,
    trusted_at = least(advance_retention_clock.now_at, c.trusted_at
      + least(interval '1 day', 24 * greatest(advance_retention_clock.now_at - c.observed_at, interval '0')))
  RETURNING c.trusted_at INTO advance_retention_clock.trusted_at;
END $$;
