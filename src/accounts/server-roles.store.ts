import type { Status } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';

const administrators = statement(
  'SELECT x.id FROM unnest($1::bigint[]) AS x(id) WHERE is_administrator(x.id)',
);

/** Those of the users who administrate the server. */
export async function listAdministrators(sql: Sql, userIds: readonly number[]): Promise<number[]> {
  return (await sql.rows<{ id: number }>(administrators, [userIds])).map(({ id }) => id);
}

const roleSet = statement('SELECT set_server_role($1::bigint, $2::bigint, $3::boolean) AS status');

/** Makes a user an administrator, or ends that. `actorId` is null for the command line. */
export async function setServerRole(
  sql: Sql,
  actorId: number | null,
  userId: number,
  isAdmin: boolean,
): Promise<Status> {
  const [row] = await sql.rows<{ status: Status }>(roleSet, [actorId, userId, isAdmin]);
  if (!row) throw new Error('set_server_role returned nothing');
  return row.status;
}
