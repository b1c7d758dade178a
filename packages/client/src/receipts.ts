import type { Person } from './reducer.ts';
import type { MessageInfo } from './views.ts';

/** Which other members have received and read an own message. Members who do not share their receipts are not counted. */
export interface MessageReceipts {
  /** `read`: all of them have read it. `delivered`: it has reached a device of all of them. */
  readonly status: 'sent' | 'delivered' | 'read';
  readonly memberCount: number;
  readonly deliveredCount: number;
  readonly readCount: number;
  /** Null in rooms with more than 100 members. */
  readonly deliveredTo: readonly Person[] | null;
  readonly readBy: readonly Person[] | null;
}

/** By the ids of own messages. */
export type Receipts = ReadonlyMap<string, MessageReceipts>;

/** How far a member has received and read a room. */
export interface Marker {
  readonly user: Person;
  readonly readSeq: number;
  readonly deliveredSeq: number;
}

/** The marks of all members who share them. */
export interface Marks {
  readonly markers: readonly Marker[];
  /** The last message of the room when they arrived. */
  readonly asOf: number;
}

export type Counts = Pick<MessageReceipts, 'memberCount' | 'deliveredCount' | 'readCount'>;

/** What is known of the receipts of a room: the marks, or in a large room the counts by message. */
export interface Known {
  readonly marks: Marks | null;
  readonly counts: ReadonlyMap<string, Counts>;
}

export const nothingKnown: Known = { marks: null, counts: new Map() };

/** The receipts of the own messages among these. Receipts that did not change stay the same objects. */
export function receiptsOf(
  { marks, counts }: Known,
  messages: readonly MessageInfo[],
  before: Receipts,
): Receipts {
  const markers = marks && raised(marks, messages);
  const found = new Map<string, MessageReceipts>();
  for (const { id, seq, isOwn, author } of messages) {
    if (!isOwn || id === null || seq === null) continue;
    const receipts = markers ? receiptsAt(seq, author.id, markers) : counted(counts.get(id));
    const held = before.get(id);
    if (receipts) found.set(id, held && isSame(held, receipts) ? held : receipts);
  }
  const isUnchanged = found.size === before.size && [...found].every(([id, each]) => before.get(id) === each);
  return isUnchanged ? before : found;
}

/** To send is to have read: no item says so, because the message does. */
function raised({ markers, asOf }: Marks, messages: readonly MessageInfo[]): readonly Marker[] {
  const sent = new Map<string, number>();
  for (const { author, seq } of messages) if (seq !== null && seq > asOf) sent.set(author.id, seq);
  return markers.map((marker) => {
    const seq = sent.get(marker.user.id) ?? 0;
    const [readSeq, deliveredSeq] = [Math.max(marker.readSeq, seq), Math.max(marker.deliveredSeq, seq)];
    return { ...marker, readSeq, deliveredSeq };
  });
}

function receiptsAt(seq: number, authorId: string, markers: readonly Marker[]): MessageReceipts {
  const others = markers.filter(({ user }) => user.id !== authorId);
  const deliveredTo = others.filter(({ deliveredSeq }) => deliveredSeq >= seq).map(({ user }) => user);
  const readBy = others.filter(({ readSeq }) => readSeq >= seq).map(({ user }) => user);
  const [memberCount, deliveredCount, readCount] = [others.length, deliveredTo.length, readBy.length];
  const counts = { memberCount, deliveredCount, readCount };
  return { ...counts, status: statusOf(counts), deliveredTo, readBy };
}

const counted = (counts: Counts | undefined): MessageReceipts | null =>
  counts ? { ...counts, status: statusOf(counts), deliveredTo: null, readBy: null } : null;

function statusOf({ memberCount, deliveredCount, readCount }: Counts): MessageReceipts['status'] {
  if (memberCount === 0 || deliveredCount < memberCount) return 'sent';
  return readCount < memberCount ? 'delivered' : 'read';
}

const namesIn = (people: readonly Person[] | null) =>
  people?.map(({ id, displayName }) => `${id} ${displayName}`).join();

const isSame = (a: MessageReceipts, b: MessageReceipts) =>
  a.memberCount === b.memberCount &&
  a.deliveredCount === b.deliveredCount &&
  a.readCount === b.readCount &&
  namesIn(a.deliveredTo) === namesIn(b.deliveredTo) &&
  namesIn(a.readBy) === namesIn(b.readBy);
