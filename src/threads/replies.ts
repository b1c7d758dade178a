import type { Context } from '../context.ts';
import { pairOf } from '../graphql/ids.ts';
import {
  type Connection,
  connectionOfNodes,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import { loadReplies, pageAround, rangeIn, type Timeline } from '../messages/history.ts';
import { loadMessage, type ShownMessage } from '../messages/messages.ts';
import { refuse } from '../platform/errors.ts';
import { visibleFromRoomSeq } from '../rooms/access.ts';
import { findFirstReply, findStates, type ThreadRow } from './store.ts';

export interface ReplyAnchor {
  readonly threadSeq?: number | null | undefined;
  readonly messageId?: string | null | undefined;
  readonly firstUnread?: boolean | null | undefined;
}

export interface RepliesArgs extends PageArgs {
  readonly around?: ReplyAnchor | null | undefined;
}

const replyKeys = listKeys('replies', 'number', 'number', 'number');

const cursorOf = ({ roomId, threadRootSeq, threadSeq }: ShownMessage) =>
  replyKeys.encode(roomId, threadRootSeq ?? 0, threadSeq ?? 0);

/** A page of a thread. As in the main timeline, numbers have no gaps: a page is a range between two numbers. */
export async function listReplies(
  ctx: Context,
  thread: ThreadRow,
  args: RepliesArgs,
): Promise<Connection<ShownMessage>> {
  const timeline = {
    roomId: thread.roomId,
    first: await firstVisible(ctx, thread),
    last: thread.lastThreadSeq,
  };
  const { low, high } = args.around
    ? pageAround(timeline, args, await anchorOf(ctx, thread, args.around))
    : rangeIn(timeline, pageIn(thread, args));
  const { roomId, rootSeq } = thread;
  const replies = high >= low ? await loadReplies(ctx, { roomId, rootSeq, low, high }) : [];
  return connectionOfNodes(replies, cursorOf, low > timeline.first, high < timeline.last);
}

async function firstVisible(ctx: Context, thread: ThreadRow): Promise<Timeline['first']> {
  const from = await visibleFromRoomSeq(ctx, thread.roomId);
  if (from === 0) return 1;
  return (await findFirstReply(ctx.node.db.read, thread, from)) ?? thread.lastThreadSeq + 1;
}

/** @throws ValidationError naming the argument */
function pageIn({ roomId, rootSeq }: ThreadRow, args: PageArgs) {
  const decode = (cursor: string) => {
    const [room, root, threadSeq] = replyKeys.decode(cursor) ?? [];
    return room === roomId && root === rootSeq ? (threadSeq ?? null) : null;
  };
  return pageOf(args, decode, { size: PAGE_SIZE, backwards: true });
}

async function anchorOf(ctx: Context, thread: ThreadRow, around: ReplyAnchor): Promise<number> {
  const { threadSeq, messageId, firstUnread } = around;
  if (typeof threadSeq === 'number') return threadSeq;
  if (typeof messageId === 'string') return numberOf(ctx, thread, messageId);
  if (firstUnread) return (await readSeqOf(ctx, thread)) + 1;
  throw refuse('VALIDATION', 'around.firstUnread can only be true.', { path: ['around', 'firstUnread'] });
}

async function readSeqOf(ctx: Context, thread: ThreadRow): Promise<number> {
  const [state] = await findStates(ctx.node.db.read, [thread], ctx.viewer?.userId ?? 0);
  return state?.readSeq ?? 0;
}

/** The root comes before all replies. */
async function numberOf(ctx: Context, { roomId, rootSeq }: ThreadRow, id: string): Promise<number> {
  const pair = pairOf('Message', id);
  if (pair?.[0] === roomId && pair[1] === rootSeq) return 1;
  const message = pair?.[0] === roomId ? await loadMessage(ctx, { roomId, roomSeq: pair[1] }) : null;
  if (message?.threadRootSeq !== rootSeq || message.threadSeq === null)
    throw refuse('NOT_FOUND', 'This message does not exist in this thread.', {
      path: ['around', 'messageId'],
    });
  return message.threadSeq;
}
