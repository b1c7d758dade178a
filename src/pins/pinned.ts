import DataLoader from 'dataloader';
import { type Context, perScope } from '../context.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import type { MessageRecord } from '../messages/events.ts';
import { reloadMessage } from '../messages/messages.ts';
import { type MessageSatellite, satelliteReader } from '../messages/satellites.ts';
import { visibleFromSeq } from '../rooms/access.ts';
import { findRoomPins, type PinRow, pinsOfMessages, type RoomPin } from './store.ts';

export const pinSatellite: MessageSatellite<PinRow | null> = {
  name: 'pins',
  fields: ['isPinned', 'pinnedBy', 'pinnedAt'],
  tables: ['pins'],
  audience: 'members',
  attached: { rows: pinsOfMessages, of: (pin: PinRow) => pin, none: null },
  // A pin belongs to the room: it stays, and shows a deleted user.
  eraseUsers: async () => 0,
};

/** The pin of a message; null where it has none. */
export const pinOf = satelliteReader(pinSatellite);

const roomPinsLoader = perScope(
  ({ node }) =>
    new DataLoader<number, RoomPin[]>(async (roomIds) => {
      const found = new Map<number, RoomPin[]>(roomIds.map((roomId) => [roomId, []]));
      for (const pin of await findRoomPins(node.db.read, roomIds)) found.get(pin.roomId)?.push(pin);
      return roomIds.map((roomId) => found.get(roomId) ?? []);
    }),
);

const pinKeys = listKeys('pins', 'number', 'number');

/** A page of the pinned messages of a room that the viewer, a member, may see: the newest pin first. */
export async function listPinned(
  ctx: Context,
  roomId: number,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<Connection<MessageRecord>> {
  const decode = (cursor: string) => {
    const [room, pinSeq] = pinKeys.decode(cursor) ?? [];
    return room === roomId ? (pinSeq ?? null) : null;
  };
  const page = pageOf(args, decode, { size: PAGE_SIZE });
  const [pins, from] = await Promise.all([roomPinsLoader(ctx).load(roomId), visibleFromSeq(ctx, roomId)]);
  const before = page.after ?? Number.POSITIVE_INFINITY;
  const listed = pins
    .filter(({ seq, pinSeq }) => (seq ?? 0) >= from && pinSeq < before)
    .slice(0, page.size + 1);
  const { edges, pageInfo } = connectionOf(listed, page, (pin) => pinKeys.encode(roomId, pin.pinSeq));
  const messages = await Promise.all(edges.map(({ node }) => reloadMessage(ctx, node)));
  return { pageInfo, edges: edges.map(({ cursor }, i) => ({ cursor, node: messages[i] as MessageRecord })) };
}
