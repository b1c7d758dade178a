import DataLoader from 'dataloader';
import { type Context, perScope, perViewer } from '../context.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { findMarks, findPrivacy, findSharing, MAX_RECEIPT_MEMBERS, type RoomMarks } from './store.ts';

/** Who has received and read a message, of the members but its author who share that. */
export interface Receipts {
  readonly memberCount: number;
  readonly deliveredCount: number;
  readonly readCount: number;
  /** Null where there are more than MAX_RECEIPT_MEMBERS members. */
  readonly deliveredTo: readonly number[] | null;
  readonly readBy: readonly number[] | null;
}

const marksLoader = perScope(
  ({ node }) =>
    new DataLoader<number, RoomMarks | null>(async (roomIds) => {
      const found = new Map((await findMarks(node.db.read, roomIds)).map((marks) => [marks.roomId, marks]));
      return roomIds.map((roomId) => found.get(roomId) ?? null);
    }),
);

const sharingLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<number, boolean>(async (roomIds) => {
      const found = await findSharing(node.db.read, viewer?.userId ?? 0, roomIds);
      return roomIds.map((roomId) => found.get(roomId) ?? false);
    }),
);

/** Null for who does not share the own marks. */
export async function receiptsOf(ctx: Context, message: ShownMessage): Promise<Receipts | null> {
  if (message.room && message.room.access !== 'member') return null;
  if (!(await sharingLoader(ctx).load(message.roomId))) return null;
  const marks = await marksLoader(ctx).load(message.roomId);
  const others = (marks?.userIds ?? []).flatMap((userId, i) => (userId === message.authorId ? [] : [i]));
  const beyond = (seqs: readonly number[]) =>
    others.filter((i) => message.seq !== null && (seqs[i] ?? 0) >= message.seq);
  const [delivered, read] = [beyond(marks?.deliveredSeqs ?? []), beyond(marks?.readSeqs ?? [])];
  const isListed = others.length <= MAX_RECEIPT_MEMBERS;
  const users = (places: readonly number[]) =>
    isListed ? places.map((i) => marks?.userIds[i] as number) : null;
  return {
    memberCount: others.length,
    deliveredCount: delivered.length,
    readCount: read.length,
    deliveredTo: users(delivered),
    readBy: users(read),
  };
}

/** Whether the viewer shares the own marks, where nothing else was set for a room. */
export function sharesReceipts({ node }: Context, userId: number): Promise<boolean> {
  return findPrivacy(node.db.read, userId);
}

/** The same in one room. */
export function sharesReceiptsIn(ctx: Context, roomId: number): Promise<boolean> {
  return sharingLoader(ctx).load(roomId);
}
