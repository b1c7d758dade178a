/**
 * What a failure of the database means.
 * - `away`: the server, or the way to it, is gone or lets nobody in. A statement may or may not have been done.
 * - `standby`: this server takes no changes; the primary is elsewhere. Connections to it are made anew.
 * - `stale`: the connection has lost what was prepared on it. It is made anew.
 * - `locked`: a lock was not granted in time. Nothing was done.
 * - `strained`: out of a resource, cancelled, or in conflict with another transaction. Nothing was done.
 * - `damaged`: the server failed on its own data, disk or code; another row may be fine.
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
  '28': 'away', // password or role are refused
  '3D': 'away', // the database is not there
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
// Messages of pg, by way of Prisma, that carry no code.
const awayWords =
  /terminat|timeout exceeded when trying to connect|query read timeout|not queryable|Connection ended|Client has encountered|connection timeout/i;

/** The way to the database failed: no answer came. `cause` is what pg said. */
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

// PostgreSQL has no code of its own for it: a migration changed what a prepared statement returns.
const isOutdatedPlan = (error: object) => (error as { routine?: string }).routine === 'RevalidateCachedQuery';

/** What a failed call of the database means. Errors that are none of the database's are mistakes. */
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
