-- p_xid is the transaction that wrote the row. A dump and restore changes it even in the same database.
CREATE OR REPLACE FUNCTION incarnation_home(p_xid BIGINT) RETURNS TEXT LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN concat_ws('/', (SELECT c.system_identifier FROM pg_control_system() c),
    (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()), p_xid & 4294967295);
END $$;
