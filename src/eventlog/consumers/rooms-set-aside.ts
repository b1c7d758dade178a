import { type Sql, statement } from '../../platform/db.ts';
import { PositionLost } from './positions.ts';

/** A room at position `afterSeq`, independent of the position of the consumer. */
export interface RoomSetAside {
  readonly roomId: number;
  readonly afterSeq: number;
  /** How often the next event failed. */
  readonly attempts: number;
}

export interface RetryRules {
  /** An event that failed this often is a dead letter: its room waits for an operator. */
  readonly maxAttempts: number;
  /** Time before the second attempt; doubled before each later one. */
  readonly retrySeconds: number;
}

const MAX_RETRY_SECONDS = 300;
const MAX_ERROR_LENGTH = 500;

const retrySecondsAfter = (attempts: number, { retrySeconds }: RetryRules) =>
  Math.min(retrySeconds * 2 ** (attempts - 1), MAX_RETRY_SECONDS);

const insert = statement(`
  INSERT INTO consumer_rooms (consumer, room_id, after_seq, attempts, retry_at, error)
  VALUES ($1, $2::bigint, $3::bigint, 1, clock_timestamp() + make_interval(secs => $4::float8), $5)`);

/** Sets a room aside: from now on it is not read with the others. */
export async function setAside(
  sql: Sql,
  consumer: string,
  { roomId, afterSeq }: Omit<RoomSetAside, 'attempts'>,
  rules: RetryRules,
  error: unknown,
): Promise<void> {
  await sql.rows(insert, [consumer, roomId, afterSeq, retrySecondsAfter(1, rules), messageOf(error)]);
}

const findDue = statement(`
  SELECT room_id AS "roomId", after_seq AS "afterSeq", attempts FROM consumer_rooms
  WHERE consumer = $1 AND attempts < $2::int AND retry_at <= clock_timestamp() ORDER BY retry_at LIMIT 1`);

/** Finds the room that has been due for longest. Rooms with dead letters are never due. */
export async function findDueRoom(
  sql: Sql,
  consumer: string,
  { maxAttempts }: RetryRules,
): Promise<RoomSetAside | undefined> {
  const [room] = await sql.rows<RoomSetAside>(findDue, [consumer, maxAttempts]);
  return room;
}

const advance = statement(`
  UPDATE consumer_rooms SET after_seq = $4::bigint, attempts = 0, error = NULL
  WHERE consumer = $1 AND room_id = $2::bigint AND after_seq = $3::bigint RETURNING room_id`);

/** @throws PositionLost if an operator skipped an event meanwhile */
export async function advanceRoom(
  sql: Sql,
  consumer: string,
  { roomId, afterSeq }: RoomSetAside,
  to: number,
): Promise<void> {
  const moved = await sql.rows(advance, [consumer, roomId, afterSeq, to]);
  if (moved.length === 0) throw new PositionLost(`the room ${roomId} of the consumer ${consumer} was moved`);
}

const fail = statement(`
  UPDATE consumer_rooms SET attempts = attempts + 1, error = $4,
    retry_at = clock_timestamp() + make_interval(secs => $5::float8)
  WHERE consumer = $1 AND room_id = $2::bigint AND after_seq = $3::bigint`);

export async function recordFailure(
  sql: Sql,
  consumer: string,
  { roomId, afterSeq, attempts }: RoomSetAside,
  rules: RetryRules,
  error: unknown,
): Promise<void> {
  const seconds = retrySecondsAfter(attempts + 1, rules);
  await sql.rows(fail, [consumer, roomId, afterSeq, messageOf(error), seconds]);
}

const remove = statement(`
  DELETE FROM consumer_rooms WHERE consumer = $1 AND room_id = $2::bigint AND after_seq = $3::bigint`);

/** Ends the separate position of a room, so that it is read with the others again. */
export async function rejoin(sql: Sql, consumer: string, { roomId, afterSeq }: RoomSetAside): Promise<void> {
  await sql.rows(remove, [consumer, roomId, afterSeq]);
}

const count = statement(`
  SELECT count(*) FILTER (WHERE attempts < $2::int)::int AS waiting, count(*) FILTER (WHERE attempts >= $2::int)::int AS dead
  FROM consumer_rooms WHERE consumer = $1`);

export interface RoomCounts {
  readonly waiting: number;
  readonly dead: number;
}

export async function countRooms(
  sql: Sql,
  consumer: string,
  { maxAttempts }: RetryRules,
): Promise<RoomCounts> {
  const [row] = await sql.rows<RoomCounts>(count, [consumer, maxAttempts]);
  return row ?? { waiting: 0, dead: 0 };
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR_LENGTH);
}
