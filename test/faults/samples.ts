import { check } from './checker.ts';
import type { Entry, TruthEvent } from './history.ts';

// Pieces of histories written by hand: room 3, in which Ada (7) writes and Bob (8) follows.

/** An entry without its time. */
export type Said = Entry extends infer One ? (One extends Entry ? Omit<One, 't'> : never) : never;

export const ROOM = 3;
export const ADA = 7;
export const BOB = 8;
export const idOf = (seq: number, room = ROOM) => `msg_${room}_${seq}`;
export const post = { f: 'post', room: ROOM, user: ADA, hash: 'h' } as const;
export const sent = (key: string): Said => ({ ...post, type: 'invoke', key, hash: key });
export const ok = (key: string, seq: number): Said => ({
  ...post,
  type: 'ok',
  key,
  seq,
  id: idOf(seq),
  hash: key,
});
export const follow = (sub = 1, base?: Record<string, number>): Said => ({
  f: 'sub_start',
  client: 'bob',
  sub,
  user: BOB,
  stream: 'room',
  room: ROOM,
  after: 'x',
  ...(base && { base }),
});
export const got = (seq: number, key: string, sub = 1, more: object = {}): Said => ({
  f: 'recv',
  client: 'bob',
  sub,
  room: ROOM,
  seq,
  kind: 'MessageCreated',
  id: idOf(seq),
  version: 1,
  hash: key,
  tag: ROOM,
  ...more,
});
export const members: TruthEvent[] = [
  { seq: 1, kind: 'RoomCreated' },
  { seq: 2, kind: 'MemberJoined', subject: ADA },
  { seq: 3, kind: 'MemberJoined', subject: BOB },
];
export const said = (seq: number, key: string, user = ADA): TruthEvent => ({
  seq,
  kind: 'MessageCreated',
  subject: seq,
  user,
  key,
});
export const truth = (...events: TruthEvent[]): Said => ({
  f: 'truth',
  source: 'database',
  room: ROOM,
  events: [...members, ...events],
});
export const end: Said = { f: 'end', live: ['bob'] };

export const historyOf = (entries: readonly Said[]) =>
  entries.map((entry, i) => ({ t: i * 10, ...entry }) as Entry);
/** The invariants that the checker finds broken. */
export const invariantsIn = (entries: readonly Said[]) => [
  ...new Set(check(historyOf(entries)).violations.map(({ invariant }) => invariant)),
];
