import type { Snapshot } from '../log.ts';
import { CursorReader, CursorWriter, InvalidCursor } from './bytes.ts';

/**
 * Inbox cursor: version, epoch, user, the database snapshot S whose contents were delivered, the position in the user's
 * own log, and the few rooms at another position. Commits of a room follow its numbers, so the part of a room that S
 * saw is a prefix of its log. So S alone is a position in all rooms, on every node.
 */
const INBOX_VERSION = 0x21;
const CATCHING_UP = 1;
const DENSE = 2;

export interface CatchUp {
  /** The target snapshot of the catch-up. Rooms below `roomId` have reached it. */
  readonly to: Snapshot;
  readonly roomId: number;
  /** The distance of `roomId` from its position in the old snapshot. */
  readonly offset: number;
}

export interface InboxPosition {
  readonly epoch: number;
  readonly userTag: number;
  readonly snapshot: Snapshot;
  readonly accountSeq: number;
  readonly catchUp: CatchUp | null;
  /** Rooms at another position than that of the snapshot, with the distance, ascending by room. */
  readonly moved: readonly (readonly [roomId: number, offset: number])[];
}

/** Sixteen bits that distinguish the cursors of users, against mistakes; access is checked anyway. */
export function tagOf(userId: number): number {
  return ((userId * 40_503) ^ (userId >>> 7)) & 0xffff;
}

function tagOfSet(roomIds: readonly number[]): number {
  // FNV-1a over the ids
  let hash = 2_166_136_261;
  for (const roomId of roomIds) hash = Math.imul(hash ^ (roomId & 0xffff_ffff), 16_777_619);
  return hash & 0xffff;
}

function writeSnapshot(out: CursorWriter, snapshot: Snapshot, from: number): void {
  out.unsigned(snapshot.xmin - from);
  out.unsigned(snapshot.xmax - snapshot.xmin);
  out.unsigned(snapshot.xip.length);
  let last = snapshot.xmin;
  for (const xid of snapshot.xip) {
    out.unsigned(xid - last);
    last = xid;
  }
}

// A cursor contains at most as many running transactions as a server has connections.
const MAX_IN_FLIGHT = 10_000;

function readSnapshot(input: CursorReader, from: number): Snapshot {
  const xmin = input.unsigned() + from;
  const xmax = input.unsigned() + xmin;
  const count = input.unsigned();
  if (count > MAX_IN_FLIGHT || !Number.isSafeInteger(xmax)) throw new InvalidCursor();
  const xip: number[] = [];
  for (let last = xmin; xip.length < count; ) xip.push((last += input.unsigned()));
  const isRising = xip.every((xid, i) => xid < xmax && (i === 0 || xid > (xip[i - 1] as number)));
  if (!isRising) throw new InvalidCursor();
  return { xmin, xmax, xip };
}

function writeSparse(out: CursorWriter, moved: InboxPosition['moved']): void {
  out.unsigned(moved.length);
  let last = 0;
  for (const [roomId, offset] of moved) {
    out.unsigned(roomId - last);
    out.signed(offset);
    last = roomId;
  }
}

/** A bit per room of the set, then the offsets of the marked rooms: shorter if many rooms have moved. */
function writeDense(out: CursorWriter, moved: InboxPosition['moved'], roomIds: readonly number[]): void {
  out.fixed(tagOfSet(roomIds), 2);
  const bits = out.zeros(Math.ceil(roomIds.length / 8));
  let next = 0;
  roomIds.forEach((roomId, index) => {
    const entry = moved[next];
    if (entry?.[0] !== roomId) return;
    out.or(bits + (index >> 3), 1 << (index & 7));
    out.signed(entry[1]);
    next++;
  });
  if (next !== moved.length) throw new Error('a moved room is outside the set of rooms');
}

/**
 * `rooms()` returns the sorted ids of the set of rooms as of `accountSeq`; it is called only if it may shorten the
 * cursor.
 */
export function encodeInboxCursor(position: InboxPosition, rooms: () => readonly number[]): string {
  const out = new CursorWriter();
  out.byte(INBOX_VERSION);
  out.fixed(position.epoch, 4);
  out.fixed(position.userTag, 2);
  writeSnapshot(out, position.snapshot, 0);
  out.unsigned(position.accountSeq);
  const flags = out.reserve(1);
  out.set(flags, position.catchUp ? CATCHING_UP : 0);
  if (position.catchUp) {
    writeSnapshot(out, position.catchUp.to, position.snapshot.xmin);
    out.unsigned(position.catchUp.roomId);
    out.signed(position.catchUp.offset);
  }
  const start = out.length;
  writeSparse(out, position.moved);
  if (position.moved.length > 12) {
    const sparse = out.length;
    writeDense(out, position.moved, rooms());
    if (out.length - sparse < sparse - start) {
      out.cut(start);
      writeDense(out, position.moved, rooms());
      out.or(flags, DENSE);
    } else out.cut(sparse);
  }
  return out.toString();
}

function readSparse(input: CursorReader): [number, number][] {
  const moved: [number, number][] = [];
  const count = input.unsigned();
  for (let last = 0; moved.length < count; ) moved.push([(last += input.unsigned()), input.signed()]);
  const isRising = moved.every(
    ([roomId], i) => Number.isSafeInteger(roomId) && roomId > (moved[i - 1]?.[0] ?? 0),
  );
  if (!isRising) throw new InvalidCursor();
  return moved;
}

function readDense(input: CursorReader, roomIds: readonly number[]): [number, number][] {
  if (input.fixed(2) !== tagOfSet(roomIds)) throw new InvalidCursor();
  const bits: number[] = [];
  for (let i = 0; i < Math.ceil(roomIds.length / 8); i++) bits.push(input.byte());
  const marked = roomIds.filter((_, index) => (bits[index >> 3] ?? 0) & (1 << (index & 7)));
  return marked.map((roomId) => [roomId, input.signed()]);
}

/** A decoded cursor before its set of rooms is known, to which `moved` may refer. */
export interface DecodedInbox extends Omit<InboxPosition, 'moved'> {
  /** @throws InvalidCursor if the set is not the one of the cursor */
  moved(roomIds: readonly number[]): [number, number][];
}

/** @throws InvalidCursor */
export function decodeInboxCursor(text: string): DecodedInbox {
  const input = new CursorReader(text);
  if (input.byte() !== INBOX_VERSION) throw new InvalidCursor();
  const [epoch, userTag] = [input.fixed(4), input.fixed(2)];
  const snapshot = readSnapshot(input, 0);
  const accountSeq = input.unsigned();
  const flags = input.byte();
  if (flags > (CATCHING_UP | DENSE)) throw new InvalidCursor();
  const catchUp =
    flags & CATCHING_UP
      ? { to: readSnapshot(input, snapshot.xmin), roomId: input.unsigned(), offset: input.signed() }
      : null;
  const start = input.at;
  const moved = (roomIds: readonly number[]) => {
    input.at = start;
    const entries = flags & DENSE ? readDense(input, roomIds) : readSparse(input);
    input.end();
    return entries;
  };
  if (!(flags & DENSE)) moved([]);
  return { epoch, userTag, snapshot, accountSeq, catchUp, moved };
}
