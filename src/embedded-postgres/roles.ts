import { createHmac } from 'node:crypto';
import pg from 'pg';

// The embedded server has two roles: its superuser, which only the supervisor in this program uses, and the node's
// role.

/** The superuser of the embedded server. */
export const SUPERUSER = 'postgres';

/** The role that nodes connect as. It owns the database of the same name, and has no other rights. */
export const NODE_ROLE = 'parley';

/** The database of the embedded server. */
export const DATABASE = 'parley';

const ATTRIBUTES = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';
const LOCK_ID = 72_707_371;
const LOCK_TIMEOUT_MS = 5_000;

/** Derived from the superuser's password; the reverse is impossible. */
function nodePassword(superuserPassword: string): string {
  return createHmac('sha256', superuserPassword).update(`role ${NODE_ROLE}`).digest('base64url');
}

export function superuserUrl(port: number, password: string, database: string = DATABASE): string {
  return urlOf(SUPERUSER, password, port, database);
}

export function nodeUrl(port: number, superuserPassword: string): string {
  return urlOf(NODE_ROLE, nodePassword(superuserPassword), port, DATABASE);
}

function urlOf(user: string, password: string, port: number, database: string): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/**
 * Creates the node's role and its database if they are missing. Makes the role the owner of all objects of the
 * superuser in that database: those of an earlier version, or of a restore.
 *
 * @param client the superuser, in another database.
 */
export async function prepareRoles(
  client: pg.Client,
  port: number,
  superuserPassword: string,
): Promise<void> {
  // Held until the connection ends: another start, or the command line, may do the same.
  await client.query('SELECT pg_advisory_lock($1)', [LOCK_ID]);
  await prepareRole(client, superuserPassword);
  if (await prepareDatabase(client)) return;
  const inside = new pg.Client({ connectionString: superuserUrl(port, superuserPassword), ssl: false });
  inside.on('error', () => {}); // a broken connection also rejects its pending queries
  try {
    await inside.connect();
    await giveObjects(inside);
  } finally {
    await inside.end();
  }
}

async function prepareRole(client: pg.Client, superuserPassword: string): Promise<void> {
  const { rows } = await client.query<{ isOrdinary: boolean }>(
    `SELECT rolcanlogin AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
              AS "isOrdinary"
       FROM pg_roles WHERE rolname = '${NODE_ROLE}'`,
  );
  if (rows[0]?.isOrdinary) return;
  const verb = rows[0] ? 'ALTER' : 'CREATE';
  await client.query(`${verb} ROLE ${NODE_ROLE} ${ATTRIBUTES} PASSWORD '${nodePassword(superuserPassword)}'`);
}

/** @returns whether it is new, and so already belongs to the role */
async function prepareDatabase(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ owner: string }>(
    `SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = '${DATABASE}'`,
  );
  if (!rows[0]) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${NODE_ROLE}`);
  else if (rows[0].owner !== NODE_ROLE)
    await client.query(`ALTER DATABASE ${DATABASE} OWNER TO ${NODE_ROLE}`);
  return !rows[0];
}

/** Changes all owners or none. Usually there is nothing to change. */
async function giveObjects(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ command: string }>(OBJECTS_OF_SUPERUSER);
  if (rows.length === 0) return;
  await client.query('BEGIN');
  await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
  for (const { command } of rows) await client.query(`${command} OWNER TO ${NODE_ROLE}`);
  await client.query('COMMIT');
}

// Not REASSIGN OWNED: the superuser also owns the catalogue. The sequence of a column follows its table.
const OBJECTS_OF_SUPERUSER = `
  WITH own AS (SELECT oid FROM pg_roles WHERE rolname = '${SUPERUSER}'),
  schema AS (
    SELECT oid, nspname, nspowner FROM pg_namespace
     WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  ),
  dependent AS (SELECT classid, objid FROM pg_depend WHERE deptype IN ('a', 'e', 'i'))
  SELECT format('ALTER SCHEMA %I', nspname) AS command FROM schema JOIN own ON nspowner = own.oid
  UNION ALL
  SELECT format('ALTER TABLE %s', c.oid::regclass)
    FROM pg_class c JOIN own ON relowner = own.oid JOIN schema ON relnamespace = schema.oid
   WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
     AND (relkind <> 'S' OR ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM dependent))
  UNION ALL
  SELECT format('ALTER ROUTINE %s', p.oid::regprocedure)
    FROM pg_proc p JOIN own ON proowner = own.oid JOIN schema ON pronamespace = schema.oid
   WHERE ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT format('ALTER TYPE %s', t.oid::regtype)
    FROM pg_type t JOIN own ON typowner = own.oid JOIN schema ON typnamespace = schema.oid
    LEFT JOIN pg_class c ON c.oid = typrelid
   WHERE (typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
     AND ('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM dependent WHERE classid = 'pg_type'::regclass)
  UNION ALL
  SELECT format('ALTER STATISTICS %I.%I', nspname, stxname)
    FROM pg_statistic_ext JOIN own ON stxowner = own.oid JOIN schema ON stxnamespace = schema.oid`;
