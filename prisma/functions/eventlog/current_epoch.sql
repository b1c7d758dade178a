-- Identifies the data as long as its numbers continue: 32 bits of a digest. Fails on a standby. The timeline is that of
-- the current WAL, because the control file gets a promotion only at the next checkpoint. STABLE, so that it uses the
-- snapshot of the calling statement.
CREATE OR REPLACE FUNCTION current_epoch() RETURNS BIGINT LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_epoch UUID; v_xid BIGINT;
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'the database server is a standby: DATABASE_URL has to lead to the primary' USING ERRCODE = '55000';
  END IF;
  SELECT i.epoch, i.xmin::text::bigint INTO STRICT v_epoch, v_xid FROM incarnation i;
  RETURN ('x' || left(encode(sha256(convert_to(concat_ws(' ', v_epoch, incarnation_home(v_xid),
    left(pg_walfile_name(pg_current_wal_lsn()), 8)), 'UTF8')), 'hex'), 8))::bit(32)::bigint;
END $$;
