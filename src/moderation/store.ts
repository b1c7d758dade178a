import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, type Statement, statement } from '../platform/db.ts';

/** What a function of the write path did: see its file in prisma/functions for the statuses. */
export interface Outcome {
  readonly status: Status;
  /** The position in the room's log that covers the call. */
  readonly roomSeq: number;
}

// -- timeouts ----------------------------------------------------------------------------------

const timeOut = statement(
  'SELECT status, room_seq AS "roomSeq" FROM time_out_member($1::bigint, $2::bigint, $3::bigint, $4::timestamptz, $5::text)',
);

export interface NewTimeout {
  readonly userId: number;
  /** Null ends it. */
  readonly until: Date | null;
  readonly reason: string | null;
}

export const timeOutMember = (sql: Sql, roomId: number, actorId: number, timeout: NewTimeout) =>
  callFunction<Outcome>(sql, timeOut, [roomId, actorId, timeout.userId, timeout.until, timeout.reason]);

// -- retention ---------------------------------------------------------------------------------

/** Rows that one statement deletes, so that none takes long. */
const ROWS_PER_CALL = 1_000;

const endedTimeouts = statement(`
  WITH gone AS (
    DELETE FROM former_timeouts WHERE (room_id, user_id) IN (
      SELECT f.room_id, f.user_id FROM former_timeouts f WHERE f.until < $1::timestamptz LIMIT $2::int FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*) AS deleted FROM gone`);

/** Deletes timeouts of former members that ended before a time. Returns how many. */
export const deleteEndedTimeouts = (sql: Sql, before: Date) => deleteAll(sql, endedTimeouts, before);

async function deleteAll(sql: Sql, batch: Statement, before: Date): Promise<number> {
  for (let total = 0; ; ) {
    const [row] = await sql.rows<{ deleted: number }>(batch, [before.toISOString(), ROWS_PER_CALL]);
    const deleted = Number(row?.deleted ?? 0);
    total += deleted;
    if (deleted < ROWS_PER_CALL) return total;
  }
}
