import { type Sql, statement } from '../../platform/db.ts';

export interface ConsumerSummary {
  readonly name: string;
  readonly lagSeconds: number;
  readonly waiting: number;
  readonly dead: number;
}

const summaries = statement(`
  SELECT c.name, extract(epoch FROM clock_timestamp() - c.seen_at)::float8 AS "lagSeconds",
    count(r.room_id) FILTER (WHERE r.attempts < $1::int)::int AS waiting, count(r.room_id) FILTER (WHERE r.attempts >= $1::int)::int AS dead
  FROM consumers c LEFT JOIN consumer_rooms r ON r.consumer = c.name GROUP BY c.name, c.seen_at ORDER BY c.name`);

export function listConsumers(sql: Sql, maxAttempts: number): Promise<ConsumerSummary[]> {
  return sql.rows<ConsumerSummary>(summaries, [maxAttempts]);
}

/** An event that failed. */
export interface DeadLetter {
  readonly consumer: string;
  readonly roomId: number;
  readonly roomSeq: number;
}

export interface FailedEvent extends DeadLetter {
  readonly attempts: number;
  readonly error: string | null;
}

const failed = statement(`
  SELECT consumer, room_id AS "roomId", after_seq + 1 AS "roomSeq", attempts, error FROM consumer_rooms
  WHERE attempts > 0 ORDER BY consumer, attempts DESC, room_id LIMIT 1000`);

/** Lists events that failed at least once, those with the most attempts first. */
export function listDeadLetters(sql: Sql): Promise<FailedEvent[]> {
  return sql.rows<FailedEvent>(failed, []);
}

const retry = statement(`
  UPDATE consumer_rooms SET attempts = 0, retry_at = clock_timestamp()
  WHERE consumer = $1 AND attempts > 0 AND ($2::bigint IS NULL OR room_id = $2::bigint) RETURNING room_id`);

/** Gives failed events of a consumer new attempts, in all rooms or in one. Returns how many. */
export async function retryDeadLetters(sql: Sql, consumer: string, roomId: number | null): Promise<number> {
  return (await sql.rows(retry, [consumer, roomId])).length;
}

// The condition on the event's number keeps two operators from skipping two events.
const skip = statement(`
  WITH skipped AS (
    UPDATE consumer_rooms SET after_seq = after_seq + 1, attempts = 0, error = NULL, retry_at = clock_timestamp()
    WHERE consumer = $1 AND room_id = $2::bigint AND after_seq = $3::bigint - 1 AND attempts > 0
    RETURNING consumer, room_id, after_seq)
  INSERT INTO consumer_skips (consumer, room_id, after_seq, until_seq, reason)
  SELECT consumer, room_id, after_seq - 1, after_seq, 'operator' FROM skipped RETURNING id`);

/** Continues the consumer after a failed event. Returns whether that event was the one it waits for. */
export async function skipDeadLetter(sql: Sql, { consumer, roomId, roomSeq }: DeadLetter): Promise<boolean> {
  return (await sql.rows(skip, [consumer, roomId, roomSeq])).length > 0;
}
