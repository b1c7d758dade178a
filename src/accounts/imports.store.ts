import { type Database, type Sql, statement } from '../platform/db.ts';

// -- many people -------------------------------------------------------------------------------

export interface Newcomer {
  readonly username: string;
  readonly displayName: string;
  readonly refreshHash: Buffer;
}

export interface Arrival {
  readonly username: string;
  readonly userId: number;
  readonly sessionId: number;
  readonly at: Date;
}

const namesTaken = statement(`
  SELECT name FROM unnest($1::text[]) WITH ORDINALITY AS x(name, n) JOIN users ON lower(users.username COLLATE "C") = lower(name COLLATE "C") ORDER BY n`);

/** Returns those usernames that are taken, in the given order. */
export async function listTaken(sql: Sql, usernames: readonly string[]): Promise<string[]> {
  return (await sql.rows<{ name: string }>(namesTaken, [usernames])).map(({ name }) => name);
}

const peopleMade = statement(`
  WITH newcomer AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS x(username, display_name, hash, n)
  ), person AS (
    INSERT INTO users (username, display_name) SELECT username, display_name FROM newcomer ORDER BY n RETURNING id, username
  ), head AS (
    INSERT INTO account_heads (user_id) SELECT id FROM person
  ), session AS (
    INSERT INTO sessions (user_id, expires_at) SELECT id, now() + make_interval(days => $4::int) FROM person
    RETURNING id, user_id, created_at
  ), arrival AS (
    SELECT p.username, p.id AS user_id, s.id AS session_id, s.created_at AS at, n.hash, n.n
    FROM session s JOIN person p ON p.id = s.user_id JOIN newcomer n ON n.username = p.username
  ), token AS (
    INSERT INTO refresh_tokens (hash, session_id) SELECT decode(hash, 'hex'), session_id FROM arrival
  )
  SELECT username, user_id AS "userId", session_id AS "sessionId", at FROM arrival ORDER BY n`);

interface ArrivalRow {
  username: string;
  userId: bigint;
  sessionId: bigint;
  at: Date;
}

/**
 * Inserts accounts without passwords, each with a session; all of the batches or none.
 * @throws an error whose detail names the first username that is taken
 */
export function insertPeople(
  db: Database,
  batches: readonly (readonly Newcomer[])[],
  days: number,
): Promise<Arrival[]> {
  return db.prisma.$transaction(async (tx) => {
    const arrivals: Arrival[] = [];
    for (const batch of batches) {
      const rows = await tx.$queryRawUnsafe<ArrivalRow[]>(
        peopleMade.text,
        batch.map((one) => one.username),
        batch.map((one) => one.displayName),
        batch.map((one) => one.refreshHash.toString('hex')),
        days,
      );
      arrivals.push(
        ...rows.map((row) => ({ ...row, userId: Number(row.userId), sessionId: Number(row.sessionId) })),
      );
    }
    return arrivals;
  });
}
