import { type Sql, statement } from '../../platform/db.ts';
import { durable, parseSnapshot, type Snapshot } from '../log.ts';
import type { AsText } from './inbox-state.ts';

/** The snapshot and the position in the own log, from one statement: the start of a bootstrap query. */
export interface Position {
  readonly epoch: number;
  readonly snapshot: Snapshot;
  readonly accountSeq: number;
}

const readPosition = statement(`
  SELECT pg_current_snapshot()::text AS snapshot, current_epoch() AS epoch,
    coalesce((SELECT last_account_seq FROM account_heads WHERE user_id = $1::bigint), 0) AS "accountSeq",
    coalesce((SELECT max(h.top_stamp) FROM memberships m JOIN room_heads h USING (room_id)
      WHERE m.user_id = $1::bigint AND NOT m.is_hidden), 0) AS stamp`);

export async function readPositionOf(sql: Sql, userId: number): Promise<Position> {
  const [row] = await sql.rows<AsText<Position> & { stamp: number }>(readPosition, [userId]);
  if (!row) throw new Error('the position of an account returned nothing');
  const { epoch, accountSeq, snapshot, stamp } = row;
  return { epoch, accountSeq, snapshot: durable(parseSnapshot(snapshot), stamp) };
}
