import DataLoader from 'dataloader';
import { findKnownUser } from '../accounts/people.ts';
import { type Context, perViewer, type SignedIn } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import { ownList } from '../graphql/paging.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { findBlocked, listBlockRows, setBlock } from './store.ts';

export type { BlockRow } from './store.ts';

/** Maximum of users whom one user has blocked. The function `set_block` uses the same number. */
export const MAX_BLOCKED = 1_000;

interface Target {
  readonly userId: string;
}

export interface Blocked {
  /** The user who was blocked or unblocked. */
  readonly otherId: number;
  readonly accountSeq: number;
}

/** Blocking a blocked user succeeds without an event. */
export async function blockUser(ctx: SignedIn, { userId }: Target): Promise<Blocked> {
  const otherId = idOf('User', userId);
  if (otherId === ctx.viewer.userId) throw invalid('input.userId', 'You cannot block yourself.');
  if (otherId === null || !(await findKnownUser(ctx, otherId))) throw noUser();
  return change(ctx, otherId, true);
}

/** Unblocking a user who is not blocked succeeds without an event. */
export async function unblockUser(ctx: SignedIn, { userId }: Target): Promise<Blocked> {
  const otherId = idOf('User', userId);
  if (otherId === null || !(await isKnown(ctx, otherId))) throw noUser();
  return change(ctx, otherId, false);
}

/** A guest who has lost the room still may unblock users of it. */
const isKnown = async (ctx: SignedIn, otherId: number) =>
  (await hasBlocked(ctx, otherId)) || (await findKnownUser(ctx, otherId)) !== null;

async function change(ctx: SignedIn, otherId: number, isBlocked: boolean): Promise<Blocked> {
  const { node, viewer } = ctx;
  await node.limits.spend('change', viewer.userId);
  const { status, accountSeq, roomId, roomSeq } = await node.changes.run(`user ${viewer.userId}`, (sql) =>
    setBlock(sql, viewer.userId, otherId, isBlocked),
  );
  const refusal = blockRefusals[status];
  if (refusal) throw refusal();
  if (status === 'OK') node.logFollower.announceAccounts([viewer.userId]);
  if (roomId !== null && roomSeq !== null) node.logFollower.announceRoom(roomId, roomSeq);
  ownBlocks(ctx).clear(otherId);
  return { otherId, accountSeq };
}

const noUser = () => refuse('NOT_FOUND', 'This user does not exist.', { path: ['input', 'userId'] });

export const blockRefusals: StatusRefusals = {
  NOT_FOUND: noUser,
  LIMIT: () => refuse('CONFLICT', `You can block at most ${MAX_BLOCKED} users. Unblock one first.`),
};

// -- reading -------------------------------------------------------------------------------------

const ownBlocks = perViewer(
  ({ node, viewer }) =>
    new DataLoader<number, boolean>(async (ids) => {
      const blocked = new Set(viewer ? await findBlocked(node.db.read, viewer.userId, ids) : []);
      return ids.map((id) => blocked.has(id));
    }),
);

/** Whether the viewer has blocked a user. */
export const hasBlocked = (ctx: Context, userId: number): Promise<boolean> => ownBlocks(ctx).load(userId);

/** A page of the users whom the viewer has blocked, the last one first. */
export const listBlocked = ownList('blocks', listBlockRows, ({ blockSeq }) => blockSeq);
