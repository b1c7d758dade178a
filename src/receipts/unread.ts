import DataLoader from 'dataloader';
import { type Context, perViewer } from '../context.ts';
import type { RoomEvent, Unread, UnreadTotals } from '../eventlog/kinds.ts';
import type { UnreadRules } from '../eventlog/registry.ts';
import {
  type ChangedMentions,
  type Mentions,
  messageCreated,
  messageDeleted,
  messageEdited,
  storedMessageIn,
} from '../messages/events.ts';
import { findUnread, sumUnread } from './store.ts';

type Rule = (unread: Unread, event: RoomEvent, userId: number) => Unread;

/** To send is to have read. */
function afterPost(unread: Unread, event: RoomEvent, userId: number): Unread {
  const { authorId, seq } = storedMessageIn(event);
  if (seq === null) return unread; // only in a thread
  const mentions = unread.mentions + timesMentioned(event.facts as Mentions | null, userId);
  if (authorId !== userId) return { ...unread, messages: unread.messages + 1, mentions, isHidden: false };
  return { ...unread, isHidden: false, readSeq: seq, floor: seq, messages: 0, mentions: 0 };
}

function afterDeletion(unread: Unread, event: RoomEvent, userId: number): Unread {
  const { authorId, seq } = storedMessageIn(event);
  if (seq === null || authorId === userId || seq <= unread.floor) return unread;
  const mentions = unread.mentions - timesMentioned(event.facts as Mentions | null, userId);
  return { ...unread, messages: unread.messages - 1, mentions };
}

function afterEdit(unread: Unread, event: RoomEvent, userId: number): Unread {
  const { authorId, seq } = storedMessageIn(event);
  const changed = event.facts as ChangedMentions | null;
  if (!changed || seq === null || authorId === userId || seq <= unread.floor) return unread;
  const more = timesMentioned(changed.now, userId) - timesMentioned(changed.was, userId);
  return more === 0 ? unread : { ...unread, mentions: unread.mentions + more };
}

/** A message counts once, however it mentions the user. */
function timesMentioned(mentions: Mentions | null, userId: number): number {
  return mentions && (mentions.isEverybody || mentions.userIds.includes(userId)) ? 1 : 0;
}

const rules: Readonly<Record<string, Rule>> = {
  [messageCreated.name]: afterPost,
  [messageEdited.name]: afterEdit,
  [messageDeleted.name]: afterDeletion,
};

/** As the function `unread_counts` has it. */
export const unreadRules: UnreadRules = {
  load: findUnread,
  after: (unread, event, userId) => rules[event.kind]?.(unread, event, userId) ?? unread,
};

// -- for the viewer of an operation ----------------------------------------------------------------

const unreadLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<number, Unread | null>(async (roomIds) => {
      const rows = viewer ? await findUnread(node.db.read, viewer.userId, roomIds) : [];
      const found = new Map(rows.map((row) => [row.roomId, row]));
      return roomIds.map((roomId) => found.get(roomId) ?? null);
    }),
);

/** What the viewer has not read in a room; null where the viewer is no member. A stream knows, if it keeps count. */
export async function unreadIn(ctx: Context, roomId: number): Promise<Unread | null> {
  return ctx.viewpoint ? ctx.viewpoint.unreadIn(roomId) : unreadLoader(ctx).load(roomId);
}

const totalsLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<0, UnreadTotals | null>(async ([only]) => [
      viewer && only === 0 ? await sumUnread(node.db.read, viewer.userId, Date.now()) : null,
    ]),
);

/** The same of all rooms that are not muted. */
export async function unreadTotals(ctx: Context): Promise<UnreadTotals | null> {
  return ctx.viewpoint ? ctx.viewpoint.unreadTotals() : totalsLoader(ctx).load(0);
}
