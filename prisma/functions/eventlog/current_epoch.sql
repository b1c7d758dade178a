-- Names the data as long as its numbers continue: 32 bits of a digest. NULL on a standby. The timeline is that of the
-- WAL being written: the control file learns of a promotion only at the next checkpoint.
-- STABLE, so that it answers for the snapshot of the statement that calls it.
CREATE OR REPLACE FUNCTION current_epoch() RETURNS BIGINT LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN NOT pg_is_in_recovery() THEN ('x' || left(encode(sha256(convert_to(concat_ws(' ', i.epoch,
      incarnation_home(i.xmin::text::bigint), left(pg_walfile_name(pg_current_wal_lsn()), 8)), 'UTF8')), 'hex'), 8))::bit(32)::bigint END
  FROM incarnation i
$$;
