import type { SignedIn } from '../context.ts';
import { pairOf } from '../graphql/ids.ts';
import { countCharacters, isReadableName, UNREADABLE_NAME } from '../platform/characters.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { roomArchived } from '../rooms/refusals.ts';
import { announce, inRoom } from '../rooms/rooms.ts';
import {
  renameThreadRow,
  type StateChange,
  setThreadState,
  type ThreadKey,
  type ThreadRow,
} from './store.ts';
import { loadThread } from './threads.ts';

export const MAX_TITLE = 100;

/** By how many replies a mark can fall. The function `set_thread_state` uses the same number. */
export const MAX_REPLIES_BACK = 10_000;

const noThread = () =>
  refuse('NOT_FOUND', 'This thread does not exist, or you may not see it.', { path: ['input', 'threadId'] });

const beyond = (field: string) => invalid(field, 'No reply of the thread has this number yet.');

/** What the statuses of its functions mean to a client. */
export const threadRefusals: StatusRefusals = {
  NOT_FOUND: noThread,
  BEYOND: () => beyond('input.upToSeq'),
  TOO_FAR: () =>
    invalid('input.fromSeq', `Only the last ${MAX_REPLIES_BACK} replies can be marked as unread.`),
  ARCHIVED: roomArchived,
  FORBIDDEN: () => refuse('PERMISSION_DENIED', 'Your role in this room does not allow this.'),
};

/** @throws NotFoundError */
function threadKeyOf(id: string): ThreadKey {
  const [roomId, rootSeq] = pairOf('Thread', id) ?? [];
  if (roomId === undefined || rootSeq === undefined) throw noThread();
  return { roomId, rootSeq };
}

async function threadAfter(ctx: SignedIn, key: ThreadKey): Promise<ThreadRow> {
  const thread = await loadThread(ctx, key);
  if (!thread) throw noThread();
  return thread;
}

export interface StateSet {
  readonly thread: ThreadRow;
  readonly accountSeq: number;
}

async function setState(ctx: SignedIn, key: ThreadKey, change: StateChange): Promise<StateSet> {
  const { userId } = ctx.viewer;
  const { status, accountSeq } = await ctx.node.changes.run(`user ${userId}`, (sql) =>
    setThreadState(sql, key, userId, change),
  );
  if (status === 'BEYOND' && change.isLowering) throw beyond('input.fromSeq');
  const refusal = threadRefusals[status];
  if (refusal) throw refusal();
  if (status === 'OK') ctx.node.logFollower.announceAccounts([userId]);
  return { thread: await threadAfter(ctx, key), accountSeq };
}

interface ThreadInput {
  readonly threadId: string;
}

export async function setFollowing(
  ctx: SignedIn,
  { threadId }: ThreadInput,
  isFollowing: boolean,
): Promise<StateSet> {
  const key = threadKeyOf(threadId);
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  return setState(ctx, key, { readSeq: null, isFollowing, isLowering: false });
}

/** A mark that is further already stays. */
export async function markThreadRead(
  ctx: SignedIn,
  { threadId, upToSeq }: ThreadInput & { readonly upToSeq: number },
): Promise<StateSet> {
  const key = threadKeyOf(threadId);
  if (upToSeq < 0) throw invalid('input.upToSeq', 'The number of a reply is not negative.');
  await ctx.node.limits.spend('mark', ctx.viewer.userId);
  return setState(ctx, key, { readSeq: upToSeq, isFollowing: null, isLowering: false });
}

/** A mark that is before the reply already stays. */
export async function markThreadUnread(
  ctx: SignedIn,
  { threadId, fromSeq }: ThreadInput & { readonly fromSeq: number },
): Promise<StateSet> {
  const key = threadKeyOf(threadId);
  if (fromSeq < 1) throw invalid('input.fromSeq', 'Replies are numbered from 1.');
  await ctx.node.limits.spend('mark', ctx.viewer.userId);
  return setState(ctx, key, { readSeq: fromSeq - 1, isFollowing: null, isLowering: true });
}

export interface Renamed {
  readonly thread: ThreadRow;
  readonly roomSeq: number;
}

/** An empty title removes it. */
export async function renameThread(
  ctx: SignedIn,
  input: ThreadInput & { readonly title: string },
): Promise<Renamed> {
  const key = threadKeyOf(input.threadId);
  const title = titleOf(input.title);
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const { status, roomSeq } = await inRoom(ctx, key.roomId, (sql) =>
    renameThreadRow(sql, key, ctx.viewer.userId, title),
  );
  const refusal = threadRefusals[status];
  if (refusal) throw refusal();
  announce(ctx, key.roomId, roomSeq);
  return { thread: await threadAfter(ctx, key), roomSeq };
}

/** @throws ValidationError */
function titleOf(title: string): string | null {
  const trimmed = title.trim();
  if (countCharacters(trimmed) > MAX_TITLE)
    throw invalid('input.title', `A title can have at most ${MAX_TITLE} characters.`);
  if (trimmed !== '' && !isReadableName(trimmed)) throw invalid('input.title', UNREADABLE_NAME);
  return trimmed || null;
}
