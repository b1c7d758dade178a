import { numberIn } from '../harness/ids.ts';
import type { Person } from '../harness/people.ts';

/** The viewer's numbers of a room, and of all rooms, as documents select them. */
export const NUMBERS = 'id viewerReadSeq viewerUnreadCount viewerUnreadMentionCount';
export const TOTALS = 'viewerUnread { messages mentions rooms }';

export interface Numbers {
  readonly viewerReadSeq: number;
  readonly viewerUnreadCount: number;
  readonly viewerUnreadMentionCount: number;
}

export interface Totals {
  readonly messages: number;
  readonly mentions: number;
  readonly rooms: number;
}

export interface AllNumbers {
  /** Of the inbox before the numbers were read. */
  readonly cursor: string;
  readonly totals: Totals;
  readonly rooms: ReadonlyMap<string, Numbers>;
}

/** @throws Error if the answer has errors */
export async function queried(person: Person): Promise<AllNumbers> {
  const { data, errors } = await person.ask(
    `{ viewer { inboxCursor unread { messages mentions rooms } rooms(first: 100) { nodes { ${NUMBERS} } } } }`,
  );
  if (errors.length > 0) throw new Error(`${person.username}: ${JSON.stringify(errors)}`);
  const { inboxCursor, unread, rooms } = data.viewer;
  const numbers = rooms.nodes.map(({ id, ...of }: Numbers & { id: string }) => [id, of] as const);
  return { cursor: inboxCursor, totals: unread, rooms: new Map<string, Numbers>(numbers) };
}

type Rows = <Row>(statement: string, values: readonly unknown[]) => Promise<Row[]>;

const RECOUNT = `
  SELECT m.room_id::int AS room, m.muted_until > now() AS "isMuted", m.read_seq::int AS "viewerReadSeq", u.*
  FROM memberships m CROSS JOIN LATERAL (
    SELECT count(*)::int AS "viewerUnreadCount", count(*) FILTER (WHERE EXISTS (SELECT FROM message_mentions s
      WHERE s.room_id = o.room_id AND s.room_seq = o.room_seq AND s.user_id IN (0, m.user_id)))::int AS "viewerUnreadMentionCount"
    FROM messages o WHERE o.room_id = m.room_id AND o.seq > m.read_seq AND o.seq >= m.visible_from_seq AND o.text IS NOT NULL
      AND o.author_id <> m.user_id) u
  WHERE m.user_id = $1 AND NOT m.is_hidden`;

const numbersOf = ({ viewerReadSeq, viewerUnreadCount, viewerUnreadMentionCount }: Numbers): Numbers => ({
  viewerReadSeq,
  viewerUnreadCount,
  viewerUnreadMentionCount,
});

/** The same by looking at every message. */
export async function recounted(rows: Rows, person: Person): Promise<Omit<AllNumbers, 'cursor'>> {
  const found = await rows<{ room: number; isMuted: boolean | null } & Numbers>(RECOUNT, [
    numberIn(person.userId),
  ]);
  const heard = found.filter(({ isMuted, viewerUnreadCount: count }) => !isMuted && count > 0);
  return {
    totals: {
      messages: heard.reduce((sum, { viewerUnreadCount: count }) => sum + count, 0),
      mentions: heard.reduce((sum, { viewerUnreadMentionCount: count }) => sum + count, 0),
      rooms: heard.length,
    },
    rooms: new Map(found.map((row) => [`room_${row.room}`, numbersOf(row)])),
  };
}
