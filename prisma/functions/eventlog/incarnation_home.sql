-- p_xid is the transaction that wrote the row. A dump and restore changes it even in the same database.
CREATE OR REPLACE FUNCTION incarnation_home(p_xid BIGINT) RETURNS TEXT LANGUAGE sql STABLE AS $$
  SELECT concat_ws('/', c.system_identifier, d.oid, p_xid & 4294967295)
  FROM pg_control_system() c, pg_database d WHERE d.datname = current_database()
$$;
