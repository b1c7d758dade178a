-- The same with plans that are kept: every opening of a stream calls them.
CREATE OR REPLACE FUNCTION incarnation_home(p_xid BIGINT) RETURNS TEXT LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN concat_ws('/', (SELECT c.system_identifier FROM pg_control_system() c),
    (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()), p_xid & 4294967295);
END $$;

-- Fails on a standby, whose positions are not those of the primary, with the code of pg_current_wal_lsn().
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
