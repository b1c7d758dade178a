import DataLoader from 'dataloader';
import { type Context, perScope, type Services, type SignedIn } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { refuse } from '../platform/errors.ts';
import * as store from './server-roles.store.ts';

/** What a user may do on the server, besides the roles in rooms. */
export type ServerRole = 'USER' | 'ADMIN';

/** The refusal for everybody who does not administrate the server. */
export const notAdministrator = () =>
  refuse('PERMISSION_DENIED', 'Only administrators of the server can do this.');

export const serverRoleRefusals: StatusRefusals = {
  FORBIDDEN: notAdministrator,
  NO_USER: () =>
    refuse('NOT_FOUND', 'There is no such user, or it is a guest.', { path: ['input', 'userId'] }),
  LAST_ADMIN: () => refuse('CONFLICT', 'This is the last administrator. Name another one first.'),
};

const administratorLoader = perScope(
  ({ node }) =>
    new DataLoader<number, boolean>(async (ids) => {
      const found = new Set(await store.listAdministrators(node.db.read, ids));
      return ids.map((id) => found.has(id));
    }),
);

export function isAdministrator(ctx: Context, userId: number): Promise<boolean> {
  return administratorLoader(ctx).load(userId);
}

/** @throws PermissionDeniedError unless the viewer administrates the server */
export async function requireAdministrator(ctx: SignedIn): Promise<void> {
  if (!(await isAdministrator(ctx, ctx.viewer.userId))) throw notAdministrator();
}

export interface ServerRoleChange {
  readonly userId: string;
  readonly role: ServerRole;
}

/**
 * Changes the server role of a user. The role that the user has already is a success.
 * @throws PermissionDeniedError, NotFoundError, ConflictError for the last administrator, RateLimitedError
 */
export async function setServerRole(ctx: SignedIn, input: ServerRoleChange): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  await requireAdministrator(ctx);
  await node.limits.spend('change', viewer.userId);
  const userId = idOf('User', input.userId);
  if (userId === null) throw (serverRoleRefusals.NO_USER as () => Error)();
  await giveServerRole(node, viewer.userId, userId, input.role);
  return { userId };
}

/** The same for the command line, whose `actorId` is null. */
export async function giveServerRole(
  { db }: Pick<Services, 'db'>,
  actorId: number | null,
  userId: number,
  role: ServerRole,
): Promise<void> {
  const status = await store.setServerRole(db.write, actorId, userId, role === 'ADMIN');
  const refusal = serverRoleRefusals[status];
  if (refusal) throw refusal();
}
