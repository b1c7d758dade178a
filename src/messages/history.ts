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
  listReplies,
  type Range,
  type RoomTime,
  readRoomPage,
  type ThreadRange,
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

/** The part of a timeline that the viewer may see: of a room or a thread. Its numbers have no gaps. */
export interface Timeline {
  readonly roomId: number;
  readonly first: number;
  readonly last: number;
}

const messageKeys = listKeys('messages', 'number', 'number');

/** The cursor of a message of the main timeline. */
export const messageCursor = ({ roomId, seq }: Pick<MessageRecord, 'roomId' | 'seq'>) =>
  messageKeys.encode(roomId, seq ?? 0);

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
    ? pageAround(timeline, args, await anchorSeq(ctx, room.roomId, args.around))
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
        return splitByStretch(rows, ranges, (row) => row.seq ?? 0);
      },
      { cacheKeyFn: ({ roomId, low, high }) => `${roomId} ${low} ${high}` },
    ),
);

// -- threads -------------------------------------------------------------------------------------

/** A range of a thread, with the authors. */
export function loadReplies(ctx: Context, range: ThreadRange): Promise<ShownMessage[]> {
  return replyLoader(ctx).load(range);
}

const threadNameOf = ({ roomId, rootSeq }: { roomId: number; rootSeq: number }) => `${roomId}.${rootSeq}`;

/** Reads many ranges, also of many threads, in one statement. */
const replyLoader = perViewer(
  (ctx) =>
    new DataLoader<ThreadRange, AuthoredMessage[], string>(
      async (ranges) => splitByThread(await listReplies(ctx.node.db.read, ranges), ranges),
      { cacheKeyFn: (range) => `${threadNameOf(range)} ${range.low} ${range.high}` },
    ),
);

/** The rows of each range, in the order of their numbers. Ranges of one thread may overlap. */
function splitByThread(
  rows: readonly AuthoredMessage[],
  ranges: readonly ThreadRange[],
): AuthoredMessage[][] {
  const threads = new Map<string, Map<number, AuthoredMessage>>();
  for (const row of rows) {
    const name = threadNameOf({ roomId: row.roomId, rootSeq: row.threadRootSeq ?? 0 });
    const thread = threads.get(name) ?? new Map<number, AuthoredMessage>();
    threads.set(name, thread.set(row.threadSeq ?? 0, row));
  }
  return ranges.map((range) => {
    const numbers = Array.from({ length: range.high - range.low + 1 }, (_, i) => range.low + i);
    return numbers.flatMap((number) => threads.get(threadNameOf(range))?.get(number) ?? []);
  });
}

// -- anchors -------------------------------------------------------------------------------------

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

/** The numbers of a page between two cursors. */
export function rangeIn({ roomId, first, last }: Timeline, page: TimelinePage): Range {
  const low = Math.max(first, (page.after ?? 0) + 1);
  const high = Math.min(last, (page.before ?? Number.MAX_SAFE_INTEGER) - 1);
  return page.backwards
    ? { roomId, low: Math.max(low, high - page.size + 1), high }
    : { roomId, low, high: Math.min(high, low + page.size - 1) };
}

/**
 * The numbers of a page around one of them.
 * @throws ValidationError naming the argument
 */
export function pageAround({ roomId, first, last }: Timeline, args: PageArgs, around: number): Range {
  for (const name of ['after', 'before'] as const) {
    if (args[name])
      throw refuse('VALIDATION', 'around cannot be combined with after or before.', { path: [name] });
  }
  const anchor = Math.min(Math.max(around, first), last + 1);
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
  if (message.seq === null)
    throw refuse('NOT_FOUND', 'This message is only in a thread.', { path: ['around', 'messageId'] });
  return message.seq;
}
