import DataLoader from 'dataloader';
import { type Context, perScope, type Viewpoint } from '../context.ts';
import { kindOf, type RoomView, roomLoader } from './access.ts';
import { identityField } from './permissions.ts';
import { listNames, type NamedMember } from './store.ts';

const namesLoader = perScope(
  ({ node }) =>
    new DataLoader<number, NamedMember[]>(async (roomIds) => {
      const names = new Map<number, NamedMember[]>(roomIds.map((roomId) => [roomId, []]));
      for (const member of await listNames(node.db.read, roomIds)) names.get(member.roomId)?.push(member);
      return roomIds.map((roomId) => names.get(roomId) ?? []);
    }),
);

/** What the viewer calls the room: its name, or the names of the others. */
async function titleOf(
  room: RoomView,
  ctx: Context,
): Promise<(viewer: Pick<Viewpoint, 'isViewer'>) => string | null> {
  const row = room.access === 'gone' ? null : await roomLoader(ctx).load(room.roomId);
  if (!row) return () => null;
  if (kindOf(row) !== 'DIRECT') return () => row.name;
  const members = await namesLoader(ctx).load(room.roomId);
  return (viewer) => {
    const others = members.filter(({ userId }) => !viewer.isViewer(userId));
    return (others.length > 0 ? others : members).map(({ displayName }) => displayName).join(', ');
  };
}

export const roomTitle = identityField(titleOf);
