import type { MessageKey } from '../graphql/ids.ts';
import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';

/** The poll of a message. Options are known by their places, from 1. Times are in ms since 1970. */
export interface PollRow extends MessageKey {
  /** Their texts. */
  readonly options: readonly string[];
  /** Votes of each option. */
  readonly counts: readonly number[];
  readonly voterCount: number;
  readonly maxChoices: number;
  readonly isAnonymous: boolean;
  /** Whether nobody sees the results until it is closed. */
  readonly hidesResults: boolean;
  readonly closesAt: number | null;
  readonly closedAt: number | null;
  /** The choices of each user; null if more than MAX_KNOWN_VOTERS have voted. Never shown to others in an anonymous poll. */
  readonly choices: Readonly<Record<string, readonly number[]>> | null;
}

/** Voters whose choices an event contains. The function `apply_votes` uses the same number. */
export const MAX_KNOWN_VOTERS = 50;

const roomIdsOf = (places: readonly MessageKey[]) => places.map(({ roomId }) => roomId);
const roomSeqsOf = (places: readonly MessageKey[]) => places.map(({ roomSeq }) => roomSeq);

/** The polls of many messages. Messages without one are missing. */
export const pollsOfMessages = statement(`
  SELECT p.room_id AS "roomId", p.room_seq AS "roomSeq", p.options, p.counts, p.voter_count AS "voterCount", p.max_choices AS "maxChoices",
    p.is_anonymous AS "isAnonymous", p.hides_results AS "hidesResults", timeout_ms(p.closes_at) AS "closesAt", timeout_ms(p.closed_at) AS "closedAt",
    CASE WHEN p.voter_count <= ${MAX_KNOWN_VOTERS} THEN poll_choices(p.room_id, p.room_seq) END AS choices
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT * FROM polls p WHERE p.room_id = x.room_id AND p.room_seq = x.room_seq LIMIT 1) p`);

/** A user's vote in a poll. */
export interface VoteKey extends MessageKey {
  readonly userId: number;
}

const choicesOf = statement(`
  SELECT ARRAY(SELECT v.option FROM poll_votes v
    WHERE v.room_id = x.room_id AND v.room_seq = x.room_seq AND v.user_id = x.user_id ORDER BY v.option) AS choices
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS x(room_id, room_seq, user_id, ord) ORDER BY x.ord`);

/** What users have chosen, in the order of the request. */
export async function findChoices(sql: Sql, keys: readonly VoteKey[]): Promise<(readonly number[])[]> {
  const userIds = keys.map(({ userId }) => userId);
  const rows = await sql.rows<{ choices: number[] }>(choicesOf, [roomIdsOf(keys), roomSeqsOf(keys), userIds]);
  return rows.map(({ choices }) => choices);
}

/** A page of the users who have chosen an option, in the order of user ids. */
export interface VotersPage extends MessageKey {
  readonly option: number;
  /** Only users after this id. */
  readonly after: number;
  readonly limit: number;
}

const voters = statement(`
  SELECT x.ord::int - 1 AS page, p.user_id AS "userId"
  FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::bigint[], $5::int[])
    WITH ORDINALITY AS x(room_id, room_seq, option, after, count, ord)
  CROSS JOIN LATERAL (
    SELECT v.user_id FROM poll_votes v
    WHERE v.room_id = x.room_id AND v.room_seq = x.room_seq AND v.option = x.option AND v.user_id > x.after
    ORDER BY v.user_id LIMIT x.count
  ) p ORDER BY x.ord, p.user_id`);

/** Returns pages of many options in one statement, in the order of the request. */
export async function listVoters(sql: Sql, pages: readonly VotersPage[]): Promise<number[][]> {
  const rows = await sql.rows<{ page: number; userId: number }>(voters, [
    roomIdsOf(pages),
    roomSeqsOf(pages),
    pages.map(({ option }) => option),
    pages.map(({ after }) => after),
    pages.map(({ limit }) => limit),
  ]);
  const found: number[][] = pages.map(() => []);
  for (const { page, userId } of rows) found[page]?.push(userId);
  return found;
}

const close = statement(
  'SELECT status, room_seq AS "roomSeq" FROM close_poll($1::bigint, $2::bigint, $3::bigint)',
);

interface Closed {
  readonly status: Status;
  readonly roomSeq: number;
}

/** Closes a poll: for a user, or at `closesAt` if the actor is null. */
export function closePollRow(
  sql: Sql,
  { roomId, roomSeq }: MessageKey,
  actorId: number | null,
): Promise<Closed> {
  return callFunction<Closed>(sql, close, [roomId, roomSeq, actorId]);
}
