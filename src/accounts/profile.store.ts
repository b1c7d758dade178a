import { type Sql, statement } from '../platform/db.ts';

/** A room whose log tells of the change, and where. */
export interface ToldRoom {
  readonly roomId: number;
  readonly roomSeq: number;
}

const renameUser = statement(
  `SELECT room_id AS "roomId", room_seq AS "roomSeq" FROM rename_user($1::bigint, $2::text)`,
);

/** Changes the display name and tells every room of the person, in one transaction. */
export function renameUserRow(sql: Sql, userId: number, displayName: string): Promise<ToldRoom[]> {
  return sql.rows(renameUser, [userId, displayName]);
}
