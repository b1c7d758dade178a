import DataLoader from 'dataloader';
import { type Context, perViewer, type Viewpoint } from '../context.ts';
import type { MessageKey } from '../graphql/ids.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { type MessageSatellite, satelliteReader } from '../messages/satellites.ts';
import { eraseSaved, findSaved, MAX_KNOWN_SAVERS, type SavedRow, saversOfMessages } from './store.ts';

export { MAX_KNOWN_SAVERS, type SavedRow } from './store.ts';

/** Who has saved a message. Each user is told of the own entry only. */
export const savers: MessageSatellite<readonly number[]> = {
  name: 'saved',
  fields: ['viewerHasSaved'],
  // Saved messages outlive their deletion: the list says that the message was deleted.
  tables: [],
  audience: 'readers',
  attached: {
    rows: saversOfMessages,
    of: (_first: object, rows: readonly { readonly userId: number }[]) => rows.map(({ userId }) => userId),
    none: [],
  },
  eraseUsers: eraseSaved,
};

const saversOf = satelliteReader(savers);

type Person = Pick<Viewpoint, 'isViewer'>;

/** Whether a viewer has saved a message; null if too many users have to know. */
export async function hasSaved(
  message: ShownMessage,
  ctx: Context,
): Promise<(viewer: Person) => boolean | null> {
  const userIds = await saversOf(ctx, message);
  if (userIds.length > MAX_KNOWN_SAVERS) return () => null;
  return (viewer) => userIds.some((userId) => viewer.isViewer(userId));
}

const nameOf = ({ roomId, roomSeq }: MessageKey) => `${roomId}.${roomSeq}`;

/** What the viewer has saved, by message. */
export const ownSavedLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<MessageKey, SavedRow | null, string>(
      async (places) => {
        const rows = viewer ? await findSaved(node.db.read, viewer.userId, places) : [];
        const found = new Map(rows.map((row) => [nameOf(row), row]));
        return places.map((place) => found.get(nameOf(place)) ?? null);
      },
      { cacheKeyFn: nameOf },
    ),
);

/** The same for the viewer of an operation, who is asked for exactly. */
export async function viewerHasSaved(message: ShownMessage, ctx: Context): Promise<boolean | null> {
  if (ctx.viewpoint) return (await hasSaved(message, ctx))(ctx.viewpoint);
  const userIds = await saversOf(ctx, message);
  if (userIds.length > MAX_KNOWN_SAVERS) return (await ownSavedLoader(ctx).load(message)) !== null;
  return userIds.some((userId) => userId === ctx.viewer?.userId);
}
