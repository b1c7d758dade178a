import type { Lineage } from './checker-lineage.ts';
import type { ChangeEntry, FaultEntry, RecvEntry, SubStartEntry } from './history.ts';
import type { Blame } from './verdict.ts';

const REVOKED_WITHIN_MS = 2_000;
// Between the kernel of one process and the callback of another.
const SLACK_MS = 700;
// A node that is suspended, cannot ask the database, or has a wrong clock does not know that access ended. The two
// seconds begin when it can know again, with some time for its recovery.
const EXCUSES =
  /^(postgres|backend|node stop|clock|combined|node kill|drain|restore|standby|disk|WAL|packets)/;
const AFTER_EXCUSE_MS = 3_000;
/** A client that was away takes so long to hear that its position is foreign. */
const RESYNC_WITHIN_MS = 60_000;

interface Window {
  readonly begin: number;
  end: number;
}

/** Which user may receive which events, by time (I8). By number: `Truth`. */
export class Access {
  /** Rooms that a user has left, and the number after which nothing may be shown. */
  private readonly out = new Map<string, number>();
  private readonly everOut = new Set<number>();
  private readonly cameBackAt = new Map<string, number>();
  private readonly revokedAt = new Map<number, number>();
  private readonly excuses = new Map<number, Window>();
  private rotatedAt = Number.NEGATIVE_INFINITY;
  private readonly blame: Blame;
  private readonly lineage: Lineage;

  constructor(blame: Blame, lineage: Lineage) {
    this.blame = blame;
    this.lineage = lineage;
  }

  change({ f, type, user, room = 0, seq = 0, at, t }: ChangeEntry): void {
    if (f === 'revoke') {
      if (type === 'ok') this.revokedAt.set(user, at ?? t);
    } else if (f === 'join') {
      if (type !== 'invoke') return;
      this.out.delete(`${user}.${room}`);
      this.cameBackAt.set(`${user}.${room}`, t);
    } else {
      this.everOut.add(user);
      if (type === 'ok') this.out.set(`${user}.${room}`, seq);
    }
  }

  fault({ kind, phase, n, t }: FaultEntry): void {
    if (kind.includes('epoch')) this.rotatedAt = t;
    if (!EXCUSES.test(kind)) return;
    if (phase === 'begin') this.excuses.set(n, { begin: t, end: Number.POSITIVE_INFINITY });
    else this.excuses.get(n)!.end = t;
  }

  /** A branch takes removals back that the present data do not have. */
  takeBack(heads: Readonly<Record<string, number>>): void {
    for (const [name, seq] of this.out) {
      const room = name.split('.')[1] ?? '';
      if (seq > (heads[room] ?? Number.POSITIVE_INFINITY)) this.out.delete(name);
    }
  }

  /** Whether the user is not a member of the room now. */
  isOut(user: number, room: number): boolean {
    return this.out.has(`${user}.${room}`);
  }

  /** Whether a stream may say that it cannot prove continuity. */
  mayResync(user: number, reason: string, t: number): boolean {
    if (reason === 'ACCESS_CHANGED') return this.everOut.has(user);
    if (reason !== 'CURSOR_FOREIGN') return false;
    return t - this.rotatedAt < RESYNC_WITHIN_MS || this.lineage.hasBranchedSince(t - RESYNC_WITHIN_MS);
  }

  mayBeLost(user: number): boolean {
    return this.everOut.has(user);
  }

  /** An event of a room that has just arrived. */
  received(entry: RecvEntry, start: SubStartEntry, startedOut: ReadonlySet<number>): void {
    const { user } = start;
    const about = { client: entry.client, room: entry.room };
    const outAfter = this.out.get(`${user}.${entry.room}`);
    const wasBack = (this.cameBackAt.get(`${user}.${entry.room}`) ?? Number.NEGATIVE_INFINITY) > start.t;
    const isOutSinceStart = startedOut.has(entry.room) && !wasBack;
    if (outAfter !== undefined && (entry.seq > outAfter || isOutSinceStart))
      this.blame('I8', entry, `${entry.seq} of room ${entry.room} after the removal at ${outAfter}`, about);
    const revoked = this.revokedAt.get(user);
    if (revoked !== undefined && this.isLate(revoked, entry.t))
      this.blame('I8', entry, `${Math.round(entry.t - revoked)} ms after the session ended`, about);
    if (start.expires !== undefined && this.isLate(start.expires, entry.t))
      this.blame('I8', entry, `${Math.round(entry.t - start.expires)} ms after the token ended`, about);
  }

  private isLate(since: number, t: number): boolean {
    if (t <= since + REVOKED_WITHIN_MS + SLACK_MS) return false;
    for (const { begin, end } of this.excuses.values()) {
      if (begin <= t && end + AFTER_EXCUSE_MS >= since && t <= end + REVOKED_WITHIN_MS + AFTER_EXCUSE_MS)
        return false;
    }
    return true;
  }
}
