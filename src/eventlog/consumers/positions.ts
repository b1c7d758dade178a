import { type Sql, statement } from '../../platform/db.ts';

/** The position of a consumer: one row of `consumers`. */
export interface Position {
  /** Counts the changes of the row. */
  readonly version: number;
  /** The snapshot whose events all took effect, except in rooms that are set aside. */
  readonly seen: string;
  readonly seenAt: Date;
  /** Inside a round: its target snapshot. */
  readonly goal: string | null;
  readonly goalAt: Date | null;
  /** Rooms with a lower id have reached the goal. */
  readonly roomId: number;
  /** The number up to which `roomId` was read in this round; 0 if it was not read. */
  readonly roomSeq: number;
}

export type Move = Omit<Position, 'version'>;

/** A position inside a round. */
export type RoomPosition = Pick<Position, 'roomId' | 'roomSeq'>;

/** Another worker, or a new epoch, changed the position. */
export class PositionLost extends Error {}

const COLUMNS = `version, seen, seen_at AS "seenAt", goal, goal_at AS "goalAt", room_id AS "roomId", room_seq AS "roomSeq"`;

const create = statement(`
  INSERT INTO consumers (name, seen, seen_at) VALUES ($1, pg_current_snapshot()::text, clock_timestamp()) ON CONFLICT DO NOTHING`);

const takeOver = statement(`UPDATE consumers SET version = version + 1 WHERE name = $1 RETURNING ${COLUMNS}`);

/** Takes the position over from the previous worker. A new consumer begins at the current position. */
export async function takePosition(sql: Sql, consumer: string): Promise<Position> {
  await sql.rows(create, [consumer]);
  const [row] = await sql.rows<Position>(takeOver, [consumer]);
  if (!row) throw new PositionLost(`the consumer ${consumer} is gone`);
  return row;
}

const save = statement(`
  UPDATE consumers SET version = version + 1, seen = $3, seen_at = $4::timestamptz, goal = $5, goal_at = $6::timestamptz,
    room_id = $7::bigint, room_seq = $8::bigint
  WHERE name = $1 AND version = $2::bigint RETURNING version`);

/** @throws PositionLost if the stored position is not the one that this worker knows */
export async function savePosition(
  sql: Sql,
  consumer: string,
  { version }: Position,
  move: Move,
): Promise<Position> {
  const { seen, seenAt, goal, goalAt, roomId, roomSeq } = move;
  const values = [
    consumer,
    version,
    seen,
    seenAt.toISOString(),
    goal,
    goalAt?.toISOString() ?? null,
    roomId,
    roomSeq,
  ];
  const [row] = await sql.rows<{ version: number }>(save, values);
  if (!row) throw new PositionLost(`another node works for the consumer ${consumer}, or a new epoch began`);
  return { ...move, version: row.version };
}

const readLag = statement(
  `SELECT extract(epoch FROM clock_timestamp() - seen_at)::float8 AS seconds FROM consumers WHERE name = $1`,
);

/** Returns the age of the position; null before the consumer first ran. */
export async function readLagSeconds(sql: Sql, consumer: string): Promise<number | null> {
  const [row] = await sql.rows<{ seconds: number }>(readLag, [consumer]);
  return row?.seconds ?? null;
}

const addSkip = statement(`
  INSERT INTO consumer_skips (consumer, room_id, after_seq, until_seq, reason)
  VALUES ($1, $2::bigint, $3::bigint, $4::bigint, $5)`);

/** Events of a room that will never take effect. */
export interface Skip {
  readonly roomId: number;
  /** Null if it is not known. */
  readonly afterSeq: number | null;
  readonly untilSeq: number;
}

/** Records that events were trimmed before the consumer read them. */
export async function recordTrimmed(sql: Sql, consumer: string, skips: readonly Skip[]): Promise<void> {
  for (const { roomId, afterSeq, untilSeq } of skips)
    await sql.rows(addSkip, [consumer, roomId, afterSeq, untilSeq, 'trimmed']);
}
