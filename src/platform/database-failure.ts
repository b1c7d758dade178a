/**
 * The kinds of database failures.
 * - `away`: the server or the connection is down, or access is refused. A statement may or may not have been executed.
 * - `standby`: this server accepts no changes; the primary is elsewhere. Its connections are opened again.
 * - `stale`: the connection has lost its prepared statements. It is opened again.
 * - `locked`: a lock was not granted in time. Nothing was done.
 * - `strained`: a resource is used up, the statement was cancelled, or a transaction conflicts. Nothing was done.
 * - `damaged`: the server failed because of its own data, disk or code; another row may be intact.
 * - `mistake`: the statement or its values are wrong. The same call fails again.
 */
export type DatabaseFailure = 'away' | 'standby' | 'stale' | 'locked' | 'strained' | 'damaged' | 'mistake';

/** SQLSTATE codes, and classes (their first two characters); docs/operations.md has the same table. */
export const sqlStates: Readonly<Record<string, DatabaseFailure>> = {
  '08': 'away', // connection exceptions
  '25006': 'standby', // read-only transaction: a standby, a demoted primary, default_transaction_read_only
  '25P03': 'away', // idle in transaction for too long: the connection is closed
  '25P04': 'strained', // transaction timeout
  '26': 'stale', // the prepared statement is gone
  '28': 'away', // password or role refused
  '3D': 'away', // the database does not exist
  '40': 'strained', // serialization failure, deadlock
  '53': 'strained', // disk full, out of memory, too many connections
  '55000': 'standby', // recovery is in progress
  '55006': 'locked', // object in use
  '55P03': 'locked', // lock not available
  '57': 'away', // shut down, starting up, crashed, dropped
  '57014': 'strained', // statement timeout, cancelled
  '58': 'damaged', // system error, I/O error, a file is missing
  F0: 'damaged', // configuration file
  XX: 'damaged', // internal error, corrupted data or index
};

// Error codes of failed network connections.
const networkCodes =
  /^(ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_\w+|EHOST\w+|ENET\w+|ERR_(SSL|TLS)_\w+|CERT_\w+)$/;
// Prisma's own codes: cannot connect, timed out, closed, pool exhausted, transaction lost, conflict.
const prismaCodes = /^P(1000|1001|1002|1003|1008|1010|1011|1017|2024|2028|2034|2037)$/;
// Messages of pg, passed on by Prisma, without a code.
const awayWords =
  /terminat|timeout exceeded when trying to connect|query read timeout|not queryable|Connection ended|Client has encountered|connection timeout/i;

/** The connection to the database failed without an answer. `cause` is the error of pg. */
export class DatabaseAway extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

function codesOf(error: object): string[] {
  const found: string[] = [];
  for (let at: unknown = error, depth = 0; at && typeof at === 'object' && depth < 5; depth++) {
    const { code, originalCode, meta, cause } = at as Record<string, unknown>;
    for (const one of [code, originalCode]) if (typeof one === 'string') found.push(one);
    at = cause ?? (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  }
  return found;
}

function failureOfCode(code: string): DatabaseFailure | undefined {
  if (networkCodes.test(code) || prismaCodes.test(code)) return 'away';
  return code.length === 5 ? (sqlStates[code] ?? sqlStates[code.slice(0, 2)]) : undefined;
}

// PostgreSQL has no separate code for it: a migration changed the result type of a prepared statement.
const isOutdatedPlan = (error: object) => (error as { routine?: string }).routine === 'RevalidateCachedQuery';

/** Classifies the failure of a database call. Errors that do not come from the database are mistakes. */
export function databaseFailure(error: unknown): DatabaseFailure {
  if (!(error instanceof Error)) return 'mistake';
  if (error instanceof DatabaseAway) return 'away';
  if (isOutdatedPlan(error)) return 'stale';
  const codes = codesOf(error);
  const known = codes.map(failureOfCode).find((failure) => failure !== undefined);
  if (known) return known;
  const hasState = codes.some((code) => !code.startsWith('P'));
  return !hasState && awayWords.test(error.message) ? 'away' : 'mistake';
}
