import { type ChangeKind, type ChangeOutcome, changeStatus } from '../changes/kind.ts';
import { makeChange } from '../changes/make-change.ts';
import { requireDone } from '../changes/outcomes.ts';
import type { SignedIn } from '../context.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid } from '../platform/errors.ts';
import { memberView, type RoomView } from '../rooms/access.ts';
import type { Membership } from '../rooms/members.ts';
import { noRoom } from '../rooms/refusals.ts';
import { roomIdOf } from '../rooms/rooms.ts';
import { tellMoved } from './markers.ts';
import {
  findAccountSeq,
  type LogPosition,
  listUndelivered,
  listUnreadRooms,
  type RoomMark,
} from './store.ts';

/** How far a mark moves back, in messages. The function `apply_marks` has the same number. */
export const MAX_UNREAD_BACK = 10_000;
const MIXED_LIMIT = 32;

interface Mark extends RoomMark {
  readonly userId: number;
  /** read and delivered raise a mark to `seq`, unread lowers the read mark to it. */
  readonly mode: 'read' | 'unread' | 'delivered';
}

/** What `apply_marks` returns with a mark that is where it was asked for. */
interface Details {
  readonly role: number;
  /** ms since 1970 */
  readonly joinedAt: number;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  readonly accountSeq: number;
}

export const markKind: ChangeKind<Mark> = {
  name: 'mark',
  parameter: 'p_marks',
  type: 'read_mark',
  mixedLimit: MIXED_LIMIT,
  fields: ({ roomId, userId, mode, seq }) => [roomId, userId, mode, seq],
  eventOf: () => null,
  accountOf: ({ mode, userId }) => (mode === 'delivered' ? null : userId),
};

/** A membership whose mark is where it was asked for, or beyond. */
export interface Marked {
  readonly room: RoomView;
  readonly membership: Membership;
  readonly accountSeq: number;
}

function markedOf({ roomId, userId }: Mark, { details }: ChangeOutcome): Marked {
  const { role, joinedAt, readSeq, deliveredSeq, accountSeq } = details as Details;
  const membership = { roomId, userId, role, joinedAt: new Date(joinedAt), readSeq, deliveredSeq };
  return { room: memberView(roomId), membership, accountSeq };
}

const refusalsAt = (argument: string) =>
  ({
    NOT_FOUND: () => noRoom(),
    BEYOND: () => invalid(`input.${argument}`, 'No message of the room has this number yet.'),
    TOO_FAR: () =>
      invalid(`input.${argument}`, `Only the last ${MAX_UNREAD_BACK} messages can be marked as unread.`),
  }) satisfies StatusRefusals;

/** What the statuses of `apply_marks` mean to a client. */
export const markRefusals: StatusRefusals = refusalsAt('upToSeq');

async function move(ctx: SignedIn, mark: Mark, argument: string): Promise<Marked> {
  await ctx.node.limits.spend('mark', ctx.viewer.userId);
  const outcome = requireDone(await makeChange(ctx.node, markKind, mark), refusalsAt(argument));
  if (outcome.status === changeStatus.OK) tellMoved(ctx.node, mark.roomId);
  return markedOf(mark, outcome);
}

interface MarkRead {
  readonly roomId: string;
  readonly upToSeq: number;
}

/** Everything up to that message was read. A mark that is further already stays. */
export async function markRead(ctx: SignedIn, input: MarkRead): Promise<Marked> {
  const [roomId, { userId }, seq] = [roomIdOf(input.roomId), ctx.viewer, input.upToSeq];
  if (seq < 0) throw invalid('input.upToSeq', 'The number of a message is not negative.');
  return move(ctx, { roomId, userId, mode: 'read', seq }, 'upToSeq');
}

interface MarkUnread {
  readonly roomId: string;
  readonly fromSeq: number;
}

/** That message and all behind it were not read. A mark that is further back already stays. */
export async function markUnread(ctx: SignedIn, input: MarkUnread): Promise<Marked> {
  const [roomId, { userId }] = [roomIdOf(input.roomId), ctx.viewer];
  if (input.fromSeq < 1) throw invalid('input.fromSeq', 'The first message has the number 1.');
  return move(ctx, { roomId, userId, mode: 'unread', seq: input.fromSeq - 1 }, 'fromSeq');
}

// -- many rooms ----------------------------------------------------------------------------------

export interface ManyMarked {
  readonly roomCount: number;
  readonly accountSeq: number;
}

/** All messages of all rooms were read. */
export async function markAllRead(ctx: SignedIn): Promise<ManyMarked> {
  const { userId } = ctx.viewer;
  await ctx.node.limits.spend('change', userId);
  const rooms = await listUnreadRooms(ctx.node.db.read, userId);
  const roomCount = await moveAll(
    ctx,
    rooms.map((room) => ({ ...room, userId, mode: 'read' })),
  );
  return { roomCount, accountSeq: await findAccountSeq(ctx.node.db.read, userId) };
}

/** What these positions cover has reached a device of the viewer. */
export async function markDelivered(ctx: SignedIn, positions: readonly LogPosition[]): Promise<number> {
  const { userId } = ctx.viewer;
  const rooms = await listUndelivered(ctx.node.db.read, userId, positions);
  return moveAll(
    ctx,
    rooms.map((room) => ({ ...room, userId, mode: 'delivered' })),
  );
}

/** Rooms that were left meanwhile have no mark. Returns in how many others it moved. */
async function moveAll(ctx: SignedIn, marks: readonly Mark[]): Promise<number> {
  const outcomes = await Promise.all(marks.map((mark) => makeChange(ctx.node, markKind, mark)));
  for (const [i, { roomId }] of marks.entries())
    if (outcomes[i]?.status === changeStatus.OK) tellMoved(ctx.node, roomId);
  const left = outcomes.filter(({ status }) => status !== 'NOT_FOUND');
  for (const outcome of left) requireDone(outcome, {});
  return left.filter(({ status }) => status === changeStatus.OK).length;
}
