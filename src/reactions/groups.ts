import DataLoader from 'dataloader';
import { type Context, perScope, perViewer, type Viewpoint } from '../context.ts';
import { type Connection, connectionOf, listKeys, type PageArgs, pageOf } from '../graphql/paging.ts';
import type { MessageSatellite } from '../messages/satellites.ts';
import { satelliteReader } from '../messages/satellites.ts';
import {
  eraseReactions,
  findOwn,
  type GroupKey,
  type GroupRow,
  groupsOfMessages,
  listReactors as listReactorIds,
  type ReactorsPage,
} from './store.ts';

/** The reactions of a message with one emoji. */
export interface ReactionGroup extends GroupRow {
  /** In an event: whose reaction it tells of, and whether that is there now. */
  readonly change?: { readonly userId: number; readonly isAdded: boolean };
}

export const reactionSatellite: MessageSatellite<readonly ReactionGroup[]> = {
  name: 'reactions',
  fields: ['reactions'],
  tables: ['reactions', 'reaction_groups'],
  audience: 'members',
  attached: {
    rows: groupsOfMessages,
    of: (_first: object, groups: readonly ReactionGroup[]) => groups,
    none: [],
  },
  eraseUsers: eraseReactions,
};

/** The groups of a message, in the order of their first reactions. */
export const reactionsOf = satelliteReader(reactionSatellite);

// -- whose they are ------------------------------------------------------------------------------

type Person = Pick<Viewpoint, 'isViewer'>;

/**
 * Whether a viewer is among the reactors, as far as the group says. Null in a large group: then only the change that an
 * event tells of is known.
 */
export function hasReacted({ reactorIds, change }: ReactionGroup): (viewer: Person) => boolean | null {
  return (viewer) => {
    if (reactorIds) return reactorIds.some((userId) => viewer.isViewer(userId));
    return change && viewer.isViewer(change.userId) ? change.isAdded : null;
  };
}

/** The same for the viewer of an operation, who is asked for exactly. */
export async function viewerHasReacted(group: ReactionGroup, ctx: Context): Promise<boolean | null> {
  if (ctx.viewpoint) return hasReacted(group)(ctx.viewpoint);
  const isViewer = (userId: number) => ctx.viewer?.userId === userId;
  const known = hasReacted(group)({ isViewer });
  // An event shows its group as of then.
  return known !== null || group.change ? known : ownLoader(ctx).load(group);
}

const keyOf = ({ roomId, roomSeq, emoji }: GroupKey) => `${roomId}.${roomSeq} ${emoji}`;

const ownLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<GroupKey, boolean, string>((keys) => findOwn(node.db.read, keys, viewer?.userId ?? 0), {
      cacheKeyFn: keyOf,
    }),
);

// -- reactors ------------------------------------------------------------------------------------

/** Reactors on a page when the client does not say how many. */
export const REACTORS_PAGE_SIZE = 10;

const reactorsLoader = perScope(
  ({ node }) =>
    new DataLoader<ReactorsPage, number[], string>((pages) => listReactorIds(node.db.read, pages), {
      cacheKeyFn: (page) => `${keyOf(page)} ${page.after} ${page.limit}`,
    }),
);

const reactorKeys = listKeys('reactors', 'number');

/** The ids of a group's reactors, in the order of their accounts. */
export async function listReactors(
  ctx: Context,
  { roomId, roomSeq, emoji }: ReactionGroup,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<Connection<number>> {
  const page = pageOf(args, (cursor) => reactorKeys.decode(cursor)?.[0] ?? null, {
    size: REACTORS_PAGE_SIZE,
  });
  // One more tells of a next page.
  const asked = { roomId, roomSeq, emoji, after: page.after ?? 0, limit: page.size + 1 };
  const ids = await reactorsLoader(ctx).load(asked);
  return connectionOf(ids, page, (userId) => reactorKeys.encode(userId));
}
