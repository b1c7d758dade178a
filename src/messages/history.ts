import DataLoader from 'dataloader';
import { type Context, perScope, perViewer, type SignedIn } from '../context.ts';
import { pairOf } from '../graphql/ids.ts';
import {
  type Connection,
  connectionOfNodes,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
  sizeOf,
} from '../graphql/paging.ts';
import { Refusal, refuse } from '../platform/errors.ts';
import { splitByStretch } from '../platform/stretches.ts';
import {
  type RoomView,
  roomLoader,
  type SeenRow,
  viewerMembership,
  viewRead,
  viewRoom,
  visibleFromSeq,
} from '../rooms/access.ts';
import type { MessageRecord } from './events.ts';
import { loadMessage, type ShownMessage } from './messages.ts';
import {
  type AuthoredMessage,
  findSeqsAt,
  listRange,
  listRanges,
  type Range,
  type RoomTime,
  readRoomPage,
  type TimelinePage,
} from './store.ts';

export interface Anchor {
  readonly seq?: number | null | undefined;
  readonly messageId?: string | null | undefined;
  readonly date?: Date | null | undefined;
  readonly firstUnread?: boolean | null | undefined;
}

export interface HistoryArgs extends PageArgs {
  readonly around?: Anchor | null | undefined;
}

/** The part of a timeline that the viewer may see. Its numbers have no gaps. */
interface Timeline {
  readonly roomId: number;
  readonly first: number;
  readonly last: number;
}

const messageKeys = listKeys('messages', 'number', 'number');

export const messageCursor = ({ roomId, seq }: Pick<MessageRecord, 'roomId' | 'seq'>) =>
  messageKeys.encode(roomId, seq);

/**
 * A page of a room's main timeline. The numbers have no gaps, so a page is a range between two numbers that is computed
 * before any read: the cost is the same at any depth, and both ends are known exactly.
 */
export async function listMessages(
  ctx: Context,
  room: RoomView,
  args: HistoryArgs,
): Promise<Connection<ShownMessage>> {
  const [row, edge] = await Promise.all([
    roomLoader(ctx).load(room.roomId),
    visibleFromSeq(ctx, room.roomId),
  ]);
  const timeline = {
    roomId: room.roomId,
    first: Math.max(1, edge),
    last: room.asOf?.messageSeq ?? row?.lastMessageSeq ?? 0,
  };
  const range = args.around
    ? await rangeAround(ctx, timeline, args, args.around)
    : rangeIn(timeline, pageIn(room.roomId, args));
  const messages = range.high >= range.low ? await rangeLoader(ctx).load(range) : [];
  return connectionOfNodes(messages, messageCursor, range.low > timeline.first, range.high < timeline.last);
}

/**
 * Reads a room and the page for `listMessages` in one statement, because opening a room is the most frequent request of
 * clients. Returns null if there is no room that the viewer may see.
 */
export async function openRoom(ctx: SignedIn, roomId: number, args: HistoryArgs): Promise<RoomView | null> {
  let page: TimelinePage;
  try {
    page = pageIn(roomId, args);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return viewRoom(ctx, roomId); // `messages` reports the error in its arguments
  }
  const { seen, messages } = await readRoomPage(ctx.node.db.read, roomId, ctx.viewer.userId, page);
  if (!seen) return null;
  const row = { ...(seen as SeenRow), joinedAt: new Date((seen as SeenRow).joinedAt) };
  const timeline = { roomId, first: Math.max(1, row.visibleFromSeq ?? 1), last: row.lastMessageSeq };
  const range = rangeIn(timeline, page);
  const isWhole = messages[0]?.seq === range.low && messages.at(-1)?.seq === range.high;
  if (isWhole) rangeLoader(ctx).prime(range, messages);
  return viewRead(ctx, row);
}

/** The newest message; null where there is none that the viewer may see. In an event: as of that event. */
export async function lastMessage(ctx: Context, { roomId, asOf }: RoomView): Promise<ShownMessage | null> {
  const [row, edge] = await Promise.all([roomLoader(ctx).load(roomId), visibleFromSeq(ctx, roomId)]);
  const seq = asOf?.messageSeq ?? row?.lastMessageSeq ?? 0;
  if (seq < Math.max(1, edge)) return null;
  const [message] = await rangeLoader(ctx).load({ roomId, low: seq, high: seq });
  return message ?? null;
}

/** Reads many ranges, also of many rooms, in one statement. */
const rangeLoader = perViewer(
  (ctx) =>
    new DataLoader<Range, AuthoredMessage[], string>(
      async (ranges) => {
        const [range] = ranges;
        if (range && ranges.length === 1) return [await listRange(ctx.node.db.read, range)];
        const rows = await listRanges(ctx.node.db.read, ranges);
        return splitByStretch(rows, ranges, (row) => row.seq);
      },
      { cacheKeyFn: ({ roomId, low, high }) => `${roomId} ${low} ${high}` },
    ),
);

/** The numbers of the first messages at or after times, also in many rooms, in one statement. */
const seqAtLoader = perScope(
  ({ node }) =>
    new DataLoader<RoomTime, number, string>((times) => findSeqsAt(node.db.read, times), {
      cacheKeyFn: ({ roomId, at }) => `${roomId} ${at.getTime()}`,
    }),
);

/** @throws ValidationError naming the argument */
function pageIn(roomId: number, args: PageArgs): TimelinePage {
  const decode = (cursor: string) => {
    const [room, seq] = messageKeys.decode(cursor) ?? [];
    return room === roomId ? (seq ?? null) : null;
  };
  return pageOf(args, decode, { size: PAGE_SIZE, backwards: true });
}

function rangeIn({ roomId, first, last }: Timeline, page: TimelinePage): Range {
  const low = Math.max(first, (page.after ?? 0) + 1);
  const high = Math.min(last, (page.before ?? Number.MAX_SAFE_INTEGER) - 1);
  return page.backwards
    ? { roomId, low: Math.max(low, high - page.size + 1), high }
    : { roomId, low, high: Math.min(high, low + page.size - 1) };
}

async function rangeAround(
  ctx: Context,
  { roomId, first, last }: Timeline,
  args: HistoryArgs,
  around: Anchor,
): Promise<Range> {
  for (const name of ['after', 'before'] as const) {
    if (args[name])
      throw refuse('VALIDATION', 'around cannot be combined with after or before.', { path: [name] });
  }
  const anchor = Math.min(Math.max(await anchorSeq(ctx, roomId, around), first), last + 1);
  const [after, before] = [sizeOf('first', args.first), sizeOf('last', args.last)];
  const neither = after === null && before === null;
  const low = Math.max(first, anchor - (neither ? PAGE_SIZE / 2 : (before ?? 0)));
  const high = Math.min(last, anchor + (neither ? PAGE_SIZE / 2 : (after ?? 0)) - 1);
  return { roomId, low, high };
}

async function anchorSeq(
  ctx: Context,
  roomId: number,
  { seq, messageId, date, firstUnread }: Anchor,
): Promise<number> {
  if (typeof seq === 'number') return seq;
  if (date) return seqAtLoader(ctx).load({ roomId, at: date });
  if (typeof messageId === 'string') return seqOfMessage(ctx, roomId, messageId);
  if (firstUnread) return ((await viewerMembership(ctx, roomId))?.readSeq ?? 0) + 1;
  throw refuse('VALIDATION', 'around.firstUnread can only be true.', { path: ['around', 'firstUnread'] });
}

async function seqOfMessage(ctx: Context, roomId: number, id: string): Promise<number> {
  const pair = pairOf('Message', id);
  const message = pair?.[0] === roomId ? await loadMessage(ctx, { roomId, roomSeq: pair[1] }) : null;
  if (!message)
    throw refuse('NOT_FOUND', 'This message does not exist in this room.', { path: ['around', 'messageId'] });
  return message.seq;
}
