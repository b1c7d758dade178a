import type { Status } from '../platform/database-codes.ts';
import { callFunction, type Sql, statement } from '../platform/db.ts';
import type { NewAccount, Ticket } from './store.ts';

/** What a change of a guest did; the room that records it, if there is one. */
export interface GuestOutcome {
  readonly status: Status;
  readonly roomId: number | null;
  readonly roomSeq: number | null;
}

const columns = 'status, room_id AS "roomId", room_seq AS "roomSeq"';
const upgrade = statement(`SELECT ${columns}
  FROM upgrade_guest($1::bigint, $2::text, $3::text, $4::text, $5::text, $6::bytea, $7::text[], $8::boolean)`);
const remove = statement(`SELECT ${columns} FROM remove_guest($1::bigint, $2::timestamptz)`);
const unused = statement('SELECT unused_guests($1::timestamptz, $2::int) AS "userId"');

type Account = Omit<NewAccount, 'displayName' | 'isAdmin'> & { readonly displayName: string | null };

/**
 * Makes the account of a guest permanent.
 * Status SAME means that the address belongs to an account, on a server without mail.
 * @throws an error for which `isNameTaken` is true
 */
export function upgradeGuestRow(
  sql: Sql,
  userId: number,
  { username, email, displayName, passwordHash }: Account,
  ticket: Ticket | null,
  sendsMail: boolean,
): Promise<GuestOutcome> {
  const values = [
    userId,
    username,
    email,
    displayName,
    passwordHash,
    ticket?.hash ?? null,
    ticket?.purposes ?? [],
    sendsMail,
  ];
  return callFunction<GuestOutcome>(sql, upgrade, values);
}

/** Erases the account of a guest, unless it was used after `before`. */
export function removeGuestRow(sql: Sql, userId: number, before: Date): Promise<GuestOutcome> {
  return callFunction<GuestOutcome>(sql, remove, [userId, before.toISOString()]);
}

/** Guests who have not used their account since a time. */
export async function listUnusedGuests(sql: Sql, before: Date, limit: number): Promise<number[]> {
  const rows = await sql.rows<{ userId: number }>(unused, [before.toISOString(), limit]);
  return rows.map(({ userId }) => userId);
}
