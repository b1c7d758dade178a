import DataLoader from 'dataloader';
import { type Context, perViewer, type Viewpoint } from '../context.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { type MessageSatellite, satelliteReader } from '../messages/satellites.ts';
import { eraseSaved, findSaved, findSavers, MAX_KNOWN_SAVERS, type Place, type SavedRow } from './store.ts';

export { MAX_KNOWN_SAVERS, type SavedRow } from './store.ts';

/** Who has saved a message. Each user is told of the own entry only. */
export const savers: MessageSatellite<readonly number[]> = {
  name: 'saved',
  fields: ['viewerHasSaved'],
  // Saved messages outlive their deletion: the list says that the message was deleted.
  tables: [],
  audience: 'readers',
  none: [],
  load: findSavers,
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

const nameOf = ({ roomId, roomSeq }: Place) => `${roomId}.${roomSeq}`;

/** What the viewer has saved, by message. */
export const ownSavedLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<Place, SavedRow | null, string>(
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
  return message.isNew || message.deletedAt ? false : (await ownSavedLoader(ctx).load(message)) !== null;
}
