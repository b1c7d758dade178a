import DataLoader from 'dataloader';
import { type Context, perScope, perViewer, type Viewpoint } from '../context.ts';
import type { MessageKey } from '../graphql/ids.ts';
import { type Connection, connectionOf, listKeys, type PageArgs, pageOf } from '../graphql/paging.ts';
import { type MessageSatellite, satelliteReader } from '../messages/satellites.ts';
import type { PollState } from './poll.ts';
import {
  findChoices,
  listVoters as listVoterIds,
  pollsOfMessages,
  type VoteKey,
  type VotersPage,
} from './store.ts';

export { MAX_KNOWN_VOTERS } from './store.ts';

const nameOf = ({ roomId, roomSeq }: MessageKey) => `${roomId}.${roomSeq}`;

export const pollSatellite: MessageSatellite<PollState | null> = {
  name: 'polls',
  fields: ['poll'],
  tables: ['polls', 'poll_votes'],
  audience: 'members',
  attached: { rows: pollsOfMessages, of: (poll: PollState) => poll, none: null },
  // A vote counts like a message of the user: it stays, and shows a deleted user.
  eraseUsers: async () => 0,
};

/** The poll of a message; null where it has none. */
export const pollOf = satelliteReader(pollSatellite);

// -- the viewer's vote -----------------------------------------------------------------------------

const NO_CHOICE: readonly number[] = [];

const keyOf = ({ roomId, roomSeq, userId }: VoteKey) => `${roomId}.${roomSeq} ${userId}`;

const choicesLoader = perScope(
  ({ node }) =>
    new DataLoader<VoteKey, readonly number[], string>((keys) => findChoices(node.db.read, keys), {
      cacheKeyFn: keyOf,
    }),
);

/**
 * What a viewer has chosen, as far as an event knows. Null in a poll with many voters: then only the change that the event
 * tells of is known.
 */
export async function knownChoices(
  { roomId, roomSeq, choices, change }: PollState,
  ctx: Context,
): Promise<(viewer: Viewpoint) => readonly number[] | null> {
  if (choices) {
    const known = new Map(Object.entries(choices).map(([userId, chosen]) => [Number(userId), chosen]));
    return (viewer) => viewer.valueIn(known) ?? NO_CHOICE;
  }
  if (!change) return () => null;
  const { userId } = change;
  const chosen = change.choices ?? (await choicesLoader(ctx).load({ roomId, roomSeq, userId }));
  return (viewer) => (viewer.isViewer(userId) ? chosen : null);
}

const ownLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<MessageKey, readonly number[], string>(
      (keys) =>
        findChoices(
          node.db.read,
          keys.map(({ roomId, roomSeq }) => ({ roomId, roomSeq, userId: viewer?.userId ?? 0 })),
        ),
      { cacheKeyFn: nameOf },
    ),
);

/** What the viewer has chosen. Outside of events it is known for any number of voters. */
export async function viewerChoices(poll: PollState, ctx: Context): Promise<readonly number[] | null> {
  if (ctx.viewpoint) return (await knownChoices(poll, ctx))(ctx.viewpoint);
  if (poll.choices) return poll.choices[ctx.viewer?.userId ?? 0] ?? NO_CHOICE;
  return ownLoader(ctx).load(poll);
}

// -- voters ----------------------------------------------------------------------------------------

/** Voters on a page if the client does not say how many. */
export const VOTERS_PAGE_SIZE = 10;

const votersLoader = perScope(
  ({ node }) =>
    new DataLoader<VotersPage, number[], string>((pages) => listVoterIds(node.db.read, pages), {
      cacheKeyFn: (page) => `${nameOf(page)} ${page.option} ${page.after} ${page.limit}`,
    }),
);

const voterKeys = listKeys('voters', 'number');

/** The ids of the users who have chosen an option, in the order of their ids. */
export async function listVoters(
  ctx: Context,
  { roomId, roomSeq }: MessageKey,
  option: number,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<Connection<number>> {
  const page = pageOf(args, (cursor) => voterKeys.decode(cursor)?.[0] ?? null, { size: VOTERS_PAGE_SIZE });
  // One more row shows whether there is a next page.
  const asked = { roomId, roomSeq, option, after: page.after ?? 0, limit: page.size + 1 };
  return connectionOf(await votersLoader(ctx).load(asked), page, (userId) => voterKeys.encode(userId));
}
