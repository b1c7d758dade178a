import { roomStates, type Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';

/** A thread by its root: the `roomSeq` of the message that it belongs to. */
export interface ThreadKey {
  readonly roomId: number;
  readonly rootSeq: number;
}

/** The replies to one message. */
export interface ThreadRow extends ThreadKey {
  readonly lastThreadSeq: number;
  /** The number of the newest reply in the log of the room. */
  readonly lastRoomSeq: number;
  readonly lastReplyAt: Date;
  readonly deletedCount: number;
  readonly participantCount: number;
  /** The first of them; MAX_SHOWN_PARTICIPANTS at most. */
  readonly participantIds: readonly number[];
  readonly title: string | null;
  /** The viewer has lost access since: only the id is shown. */
  readonly isGone?: true;
}

/** Participants that a thread names. The function `store_replies` has the same number. */
export const MAX_SHOWN_PARTICIPANTS = 20;

const fixed = `t.room_id AS "roomId", t.root_seq AS "rootSeq", t.last_thread_seq AS "lastThreadSeq", t.last_room_seq AS "lastRoomSeq",
  t.deleted_count AS "deletedCount", t.participant_count AS "participantCount",
  t.participant_ids AS "participantIds", t.title`;
const columns = `${fixed}, t.last_reply_at AS "lastReplyAt"`;

const roomIdsOf = (threads: readonly ThreadKey[]) => threads.map(({ roomId }) => roomId);
const rootSeqsOf = (threads: readonly ThreadKey[]) => threads.map(({ rootSeq }) => rootSeq);

/** The threads that begin with many messages, with times in ms since 1970. Messages without replies have none. */
export const threadsOfRoots = statement(`
  SELECT ${fixed}, t.root_seq AS "roomSeq", timeout_ms(t.last_reply_at) AS "lastReplyAt"
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, root_seq)
  CROSS JOIN LATERAL (SELECT * FROM threads t WHERE t.room_id = x.room_id AND t.root_seq = x.root_seq LIMIT 1) t`);

// -- what they are to users ------------------------------------------------------------------------

/** What a thread is to one user. */
export interface ThreadState {
  readonly isFollowing: boolean;
  readonly readSeq: number;
  readonly replies: number;
  readonly mentions: number;
}

const STATE = `coalesce(m.is_following, false) AS "isFollowing", coalesce(m.read_seq, 0) AS "readSeq", u.replies, u.mentions`;
const THREAD = `(SELECT t AS thread FROM threads t WHERE t.room_id = x.room_id AND t.root_seq = x.root_seq LIMIT 1) t`;

const ofUser = statement(`
  SELECT x.room_id AS "roomId", x.root_seq AS "rootSeq", ${STATE}
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, root_seq) CROSS JOIN LATERAL ${THREAD}
  LEFT JOIN LATERAL (SELECT * FROM thread_members m
    WHERE m.room_id = x.room_id AND m.root_seq = x.root_seq AND m.user_id = $3::bigint LIMIT 1) m ON true
  CROSS JOIN LATERAL thread_unread(t.thread, $3::bigint, coalesce(m.read_seq, 0), coalesce(m.mentioned_seq, 0)) u`);

/** What threads are to one user, in one statement. */
export function findStates(
  sql: Sql,
  threads: readonly ThreadKey[],
  userId: number,
): Promise<(ThreadKey & ThreadState)[]> {
  return sql.rows(ofUser, [roomIdsOf(threads), rootSeqsOf(threads), userId]);
}

/** Users whose state of one thread an event knows; of more, it knows none. */
export const MAX_KNOWN_MEMBERS = 500;

// The row with the user 0 is what the thread is to everybody else.
const ofMembers = statement(`
  SELECT x.room_id AS "roomId", x.root_seq AS "rootSeq", m.user_id AS "userId", ${STATE}
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, root_seq) CROSS JOIN LATERAL ${THREAD}
  CROSS JOIN LATERAL (SELECT 0::bigint AS user_id, false AS is_following, 0::bigint AS read_seq, 0::bigint AS mentioned_seq
    UNION ALL (SELECT m.user_id, m.is_following, m.read_seq, m.mentioned_seq FROM thread_members m
      WHERE m.room_id = x.room_id AND m.root_seq = x.root_seq LIMIT ${MAX_KNOWN_MEMBERS + 1})) m
  CROSS JOIN LATERAL thread_unread(t.thread, m.user_id, m.read_seq, m.mentioned_seq) u`);

/** What threads are to all users who have to do with them, and as user 0 to others; up to MAX_KNOWN_MEMBERS and one more. */
export function findMemberStates(
  sql: Sql,
  threads: readonly ThreadKey[],
): Promise<(ThreadKey & ThreadState & { readonly userId: number })[]> {
  return sql.rows(ofMembers, [roomIdsOf(threads), rootSeqsOf(threads)]);
}

// -- changing ----------------------------------------------------------------------------------

export interface StateOutcome {
  readonly status: Status;
  readonly accountSeq: number;
}

const setState = statement(`
  SELECT status, account_seq AS "accountSeq" FROM set_thread_state($1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::boolean, $6::boolean)`);

/** What a user sets for a thread; null leaves a value as it is. */
export interface StateChange {
  readonly readSeq: number | null;
  readonly isFollowing: boolean | null;
  /** Whether the read mark falls to `readSeq`; otherwise it only rises. */
  readonly isLowering: boolean;
}

export function setThreadState(
  sql: Sql,
  { roomId, rootSeq }: ThreadKey,
  userId: number,
  { readSeq, isFollowing, isLowering }: StateChange,
): Promise<StateOutcome> {
  return callFunction<StateOutcome>(sql, setState, [
    roomId,
    rootSeq,
    userId,
    readSeq,
    isFollowing,
    isLowering,
  ]);
}

const rename = statement(
  'SELECT status, room_seq AS "roomSeq" FROM rename_thread($1::bigint, $2::bigint, $3::bigint, $4::text)',
);

export function renameThreadRow(
  sql: Sql,
  { roomId, rootSeq }: ThreadKey,
  actorId: number,
  title: string | null,
): Promise<{ readonly status: Status; readonly roomSeq: number }> {
  return callFunction<{ status: Status; roomSeq: number }>(sql, rename, [roomId, rootSeq, actorId, title]);
}

const firstVisible = statement(`
  SELECT r.thread_seq AS "threadSeq" FROM thread_replies r
  WHERE r.room_id = $1::bigint AND r.root_seq = $2::bigint AND r.room_seq >= $3::bigint ORDER BY r.thread_seq LIMIT 1`);

/** The first reply from that number of the room's log on; null if there is none. */
export async function findFirstReply(
  sql: Sql,
  { roomId, rootSeq }: ThreadKey,
  from: number,
): Promise<number | null> {
  const [row] = await sql.rows<{ threadSeq: number }>(firstVisible, [roomId, rootSeq, from]);
  return row?.threadSeq ?? null;
}

// -- lists ---------------------------------------------------------------------------------------

export type ThreadOrder = 'LAST_REPLY' | 'NEWEST';

/** A page of the threads of one room: their numbers in the order of the page, without the bounds. */
export interface ThreadsPage {
  readonly roomId: number;
  readonly after: number | null;
  readonly before: number | null;
  readonly limit: number;
}

/** The number of a thread in each order: the later, the sooner it comes. */
const ORDER_COLUMNS: Readonly<Record<ThreadOrder, string>> = {
  LAST_REPLY: 'last_room_seq',
  NEWEST: 'root_seq',
};

const threadsOf = (order: ThreadOrder, direction: 'ASC' | 'DESC') =>
  statement(`
    SELECT x.ord::int - 1 AS page, ${columns}
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[])
      WITH ORDINALITY AS x(room_id, after, before, count, ord)
    CROSS JOIN LATERAL (SELECT * FROM threads t WHERE t.room_id = x.room_id AND t.${ORDER_COLUMNS[order]} < x.after
      AND t.${ORDER_COLUMNS[order]} > x.before ORDER BY t.${ORDER_COLUMNS[order]} ${direction} LIMIT x.count) t
    ORDER BY x.ord, t.${ORDER_COLUMNS[order]} ${direction}`);
const lists = {
  LAST_REPLY: { forwards: threadsOf('LAST_REPLY', 'DESC'), backwards: threadsOf('LAST_REPLY', 'ASC') },
  NEWEST: { forwards: threadsOf('NEWEST', 'DESC'), backwards: threadsOf('NEWEST', 'ASC') },
};

/** Returns the rows of each page, in its direction. One statement reads all pages. */
export async function listThreads(
  sql: Sql,
  pages: readonly ThreadsPage[],
  order: ThreadOrder,
  backwards: boolean,
): Promise<ThreadRow[][]> {
  const rows = await sql.rows<ThreadRow & { page: number }>(
    lists[order][backwards ? 'backwards' : 'forwards'],
    [
      pages.map(({ roomId }) => roomId),
      pages.map(({ after }) => after ?? Number.MAX_SAFE_INTEGER),
      pages.map(({ before }) => before ?? 0),
      pages.map(({ limit }) => limit),
    ],
  );
  const found: ThreadRow[][] = pages.map(() => []);
  for (const row of rows) found[row.page]?.push(row);
  return found;
}

export type ThreadFilter = 'ALL' | 'FOLLOWED' | 'UNREAD';

/** The place of a thread among those of a user. */
export interface ListedThread extends ThreadKey {
  /** ms since 1970 */
  readonly lastAt: number;
}

export interface MyThreadsPage {
  readonly filter: ThreadFilter;
  readonly after: ListedThread | null;
  readonly limit: number;
}

const mine = statement(`
  SELECT ${columns} FROM thread_members m
  CROSS JOIN LATERAL (SELECT t.*, t AS thread FROM threads t WHERE t.room_id = m.room_id AND t.root_seq = m.root_seq LIMIT 1) t
  CROSS JOIN LATERAL (SELECT FROM memberships o JOIN room_heads h ON h.room_id = o.room_id
    WHERE o.room_id = m.room_id AND o.user_id = $1::bigint AND NOT o.is_hidden AND h.state < ${roomStates.DELETED} LIMIT 1) o
  WHERE m.user_id = $1::bigint AND (m.is_following OR $2::text = 'ALL')
    AND ($2::text <> 'UNREAD' OR t.last_thread_seq > m.read_seq
      AND (SELECT u.replies > 0 FROM thread_unread(t.thread, m.user_id, m.read_seq, m.mentioned_seq) u))
    AND ($3::bigint IS NULL OR (timeout_ms(t.last_reply_at), t.room_id, t.root_seq) < ($3::bigint, $4::bigint, $5::bigint))
  ORDER BY timeout_ms(t.last_reply_at) DESC, t.room_id DESC, t.root_seq DESC LIMIT $6::int`);

/** The threads of a user in all rooms, those with the newest replies first. */
export function listMyThreads(
  sql: Sql,
  userId: number,
  { filter, after, limit }: MyThreadsPage,
): Promise<ThreadRow[]> {
  const place = [after?.lastAt ?? null, after?.roomId ?? null, after?.rootSeq ?? null];
  return sql.rows(mine, [userId, filter, ...place, limit]);
}
