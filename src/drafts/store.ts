import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';

/** Where a user writes: a room, or the thread of a message. */
export interface DraftPlace {
  readonly roomId: number;
  /** The `roomSeq` of the message that the thread belongs to; 0 for the room itself. */
  readonly rootSeq: number;
}

export interface DraftRow extends DraftPlace {
  readonly text: string;
  readonly quotedSeq: number | null;
  /** Of the message that the draft becomes. */
  readonly idempotencyKey: string;
  /** The number of the event in the user's own log that saved it. */
  readonly version: number;
  readonly updatedAt: Date;
}

/** What a user writes in a room, or in the thread of any message of it. */
export interface DraftChange {
  readonly roomId: number;
  readonly messageSeq: number | null;
  /** Null removes the draft. */
  readonly content: Pick<DraftRow, 'text' | 'quotedSeq' | 'idempotencyKey'> | null;
  readonly expectedVersion: number | null;
}

const save = statement(
  `SELECT status, account_seq AS "accountSeq", root_seq AS "rootSeq"
   FROM save_draft($1::bigint, $2::bigint, $3::bigint, $4::text, $5::bigint, $6::text, $7::bigint)`,
);

export interface DraftOutcome {
  readonly status: Status;
  readonly accountSeq: number;
  readonly rootSeq: number;
}

export function setDraft(
  sql: Sql,
  userId: number,
  { roomId, messageSeq, content, expectedVersion }: DraftChange,
): Promise<DraftOutcome> {
  const { text = null, quotedSeq = null, idempotencyKey = null } = content ?? {};
  const values = [userId, roomId, messageSeq, text, quotedSeq, idempotencyKey, expectedVersion];
  return callFunction<DraftOutcome>(sql, save, values);
}

/** Selects the drafts that were not sent, in rooms of which the user is a member. */
const shown = (drafts: string) => `
  SELECT d.room_id AS "roomId", d.root_seq AS "rootSeq", d.text, d.quoted_seq AS "quotedSeq", d.idempotency_key AS "idempotencyKey",
    d.version, d.updated_at AS "updatedAt"
  FROM ${drafts}
  CROSS JOIN LATERAL (SELECT FROM memberships m
    WHERE m.room_id = d.room_id AND m.user_id = d.user_id AND NOT m.is_hidden LIMIT 1) m
  CROSS JOIN LATERAL (SELECT FROM room_heads h WHERE h.room_id = d.room_id AND h.state < 2 LIMIT 1) h
  LEFT JOIN LATERAL (SELECT true AS is_sent FROM messages s WHERE s.room_id = d.room_id AND s.author_id = d.user_id
    AND s.idempotency_key = d.idempotency_key COLLATE "C" LIMIT 1) s ON true
  WHERE s.is_sent IS NULL`;

const page = statement(`
  ${shown('drafts d')} AND d.user_id = $1::bigint AND d.version < $2::bigint ORDER BY d.version DESC LIMIT $3::int`);

/** A page of the drafts of a user, the last saved first. */
export function listDraftRows(sql: Sql, userId: number, before: number, limit: number): Promise<DraftRow[]> {
  return sql.rows(page, [userId, before, limit]);
}

const own = statement(
  shown(`unnest($2::bigint[], $3::bigint[]) AS x(room_id, root_seq)
  CROSS JOIN LATERAL (SELECT * FROM drafts d
    WHERE d.user_id = $1::bigint AND d.room_id = x.room_id AND d.root_seq = x.root_seq LIMIT 1) d`),
);

/** The drafts of a user in these places. */
export function findDrafts(sql: Sql, userId: number, places: readonly DraftPlace[]): Promise<DraftRow[]> {
  return sql.rows(own, [userId, places.map(({ roomId }) => roomId), places.map(({ rootSeq }) => rootSeq)]);
}

const clean = statement('SELECT last_user AS "lastUser", deleted FROM clean_drafts($1::bigint, $2::int)');

interface Cleaned {
  /** Null after the last user. */
  readonly lastUser: number | null;
  readonly deleted: number;
}

/** Removes sent drafts, and all of erased users, from the next users by id. */
export async function cleanDraftRows(sql: Sql, afterUser: number, users: number): Promise<Cleaned> {
  const [row] = await sql.rows<Cleaned>(clean, [afterUser, users]);
  return row ?? { lastUser: null, deleted: 0 };
}
