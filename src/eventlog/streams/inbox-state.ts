import { roomStates } from '../../platform/database-codes.ts';
import { statement } from '../../platform/db.ts';
import { memo } from '../../platform/memo.ts';
import type { LogFollower } from '../follower/log-follower.ts';
import type { RightsAt, StoredRights } from '../kinds.ts';
import { parseSnapshot, type Snapshot } from '../log.ts';

/** A room of an inbox, as the database has it. */
export interface RoomNow extends RightsAt {
  readonly roomId: number;
  readonly from: number;
  readonly rights: StoredRights;
  /** The last transaction that wrote. */
  readonly stamp: number;
  /**
   * The highest transaction that wrote: of two that wait for each other, the one with the lower number may write last.
   */
  readonly topStamp: number;
}

interface AccountChange {
  readonly accountSeq: number;
  readonly isGrant: boolean;
  readonly roomId: number;
}

/** The state of an inbox from one statement, with the events of its own log since a cursor. */
export interface Now {
  readonly epoch: number;
  readonly snapshot: Snapshot;
  readonly accountSeq: number;
  readonly oldestAccountSeq: number | null;
  readonly rooms: RoomNow[];
  /** The changes of the set of rooms after the cursor. */
  readonly changes: AccountChange[];
}

/** Maximum of changes of the set of rooms that one opening undoes. With more, the client starts over. */
export const MAX_CHANGES = 10_000;

// One statement has one snapshot, so it saw each room exactly up to the head in its row.
const openInbox = statement(`
  SELECT pg_current_snapshot()::text AS snapshot, current_epoch() AS epoch,
    coalesce((SELECT last_account_seq FROM account_heads WHERE user_id = $1::bigint), 0) AS "accountSeq",
    (SELECT min(account_seq) FROM account_events WHERE user_id = $1::bigint) AS "oldestAccountSeq",
    coalesce((SELECT json_agg(json_build_object('roomId', m.room_id, 'from', m.from_room_seq, 'head', h.last_room_seq, 'stamp', h.last_stamp, 'topStamp', h.top_stamp,
        'rights', json_build_object('role', m.role, 'permissions', m.permission_bits,
          'isArchived', h.state = ${roomStates.ARCHIVED}, 'timeoutUntil', timeout_ms(m.timeout_until))) ORDER BY m.room_id)
      FROM memberships m JOIN room_heads h USING (room_id) WHERE m.user_id = $1::bigint AND NOT m.is_hidden), '[]') AS rooms,
    coalesce((SELECT json_agg(json_build_object('accountSeq', e.account_seq, 'isGrant', e.is_grant, 'roomId', e.room_id)
        ORDER BY e.account_seq)
      FROM (SELECT a.account_seq, a.kind = ANY ($3::smallint[]) AS is_grant, a.room_id FROM account_events a
        WHERE a.user_id = $1::bigint AND a.account_seq > $2::bigint AND a.kind = ANY ($3::smallint[] || $4::smallint[])
        ORDER BY a.account_seq LIMIT ${MAX_CHANGES + 1}) e), '[]') AS changes`);

/** The row as the database returns it. */
export type AsText<Row extends { snapshot: Snapshot }> = Omit<Row, 'snapshot'> & {
  readonly snapshot: string;
};

/** After every event of an own log, so that no changes are read. */
export const BEYOND_ALL = Number.MAX_SAFE_INTEGER;

async function readNow(logFollower: LogFollower, userId: number, accountSeq: number): Promise<Now> {
  const { registry } = logFollower;
  const numbers = (access: 'granted' | 'lost') =>
    registry.accountKinds.filter((kind) => kind.access === access).map(({ number }) => number);
  const values = [userId, accountSeq, numbers('granted'), numbers('lost')];
  const [row] = await logFollower.options.sql.rows<AsText<Now>>(openInbox, values);
  if (!row) throw new Error('the opening of an inbox returned nothing');
  return { ...row, snapshot: parseSnapshot(row.snapshot) };
}

/**
 * Runs one read of a user's rooms at a time. All callers during a read share the next one: a client that opens many
 * streams at once, or reconnects with all of its windows, costs two statements.
 */
class SharedReads {
  private readonly logFollower: LogFollower;
  private readonly userId: number;
  private running: Promise<unknown> = Promise.resolve();
  private next: { from: number; readonly now: Promise<Now> } | null = null;

  constructor(logFollower: LogFollower, userId: number) {
    this.logFollower = logFollower;
    this.userId = userId;
  }

  /** Returns a state from after the call, with the changes of the own log after that number. */
  async read(accountSeq: number): Promise<Now> {
    this.next ??= { from: accountSeq, now: this.running.then(() => this.begin()) };
    this.next.from = Math.min(this.next.from, accountSeq);
    const now = await this.next.now;
    return { ...now, changes: now.changes.filter((change) => change.accountSeq > accountSeq) };
  }

  private begin(): Promise<Now> {
    const from = this.next?.from ?? BEYOND_ALL;
    this.next = null;
    const now = readNow(this.logFollower, this.userId, from);
    this.running = now.catch(() => undefined);
    return now;
  }
}

const readsOf = memo(
  (_follower: LogFollower) => new Map<number, { readonly reads: SharedReads; users: number }>(),
);

export async function readShared(logFollower: LogFollower, userId: number, accountSeq: number): Promise<Now> {
  const all = readsOf(logFollower);
  const shared = all.get(userId) ?? { reads: new SharedReads(logFollower, userId), users: 0 };
  all.set(userId, shared);
  shared.users++;
  try {
    return await shared.reads.read(accountSeq);
  } finally {
    if (--shared.users === 0) all.delete(userId);
  }
}
