import { type Sql, statement } from '../platform/db.ts';

/** A room whose log records the change, and the position. */
export interface ToldRoom {
  readonly roomId: number;
  readonly roomSeq: number;
}

const renameUser = statement(
  `SELECT room_id AS "roomId", room_seq AS "roomSeq" FROM rename_user($1::bigint, $2::text)`,
);

/**
 * Changes the display name and records it in the user's first rooms, in one transaction. It adds a job for the other
 * rooms.
 */
export function renameUserRow(sql: Sql, userId: number, displayName: string): Promise<ToldRoom[]> {
  return sql.rows(renameUser, [userId, displayName]);
}

const tellRename = statement(
  `SELECT room_id AS "roomId", room_seq AS "roomSeq" FROM tell_rename($1::bigint)`,
);

/** Records the name in the next rooms, in one transaction. */
export function tellNextRooms(sql: Sql, userId: number): Promise<ToldRoom[]> {
  return sql.rows(tellRename, [userId]);
}

const pending = statement('SELECT EXISTS (SELECT FROM renames WHERE user_id = $1::bigint) AS "isPending"');

/** Whether the name is not recorded yet in some rooms of the user. */
export async function isRenamePending(sql: Sql, userId: number): Promise<boolean> {
  const [row] = await sql.rows<{ isPending: boolean }>(pending, [userId]);
  return row?.isPending ?? false;
}
