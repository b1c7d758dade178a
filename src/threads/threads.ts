import DataLoader from 'dataloader';
import { type Context, perScope, perViewer, type Viewpoint } from '../context.ts';
import { attachedReader } from '../messages/attached.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { viewerMembership, viewRoom } from '../rooms/access.ts';
import {
  findMemberStates,
  findStates,
  MAX_KNOWN_MEMBERS,
  type ThreadKey,
  type ThreadRow,
  type ThreadState,
  threadsOfRoots,
} from './store.ts';

export { MAX_KNOWN_MEMBERS, MAX_SHOWN_PARTICIPANTS, type ThreadRow } from './store.ts';

const nameOf = ({ roomId, rootSeq }: ThreadKey) => `${roomId}.${rootSeq}`;

type StoredThread = Omit<ThreadRow, 'lastReplyAt'> & { readonly lastReplyAt: number };

/** Read with what is attached to the messages of a page. */
const read = attachedReader<ThreadRow | null>({
  rows: threadsOfRoots,
  of: ({ lastReplyAt, ...thread }: StoredThread) => ({
    ...thread,
    lastReplyAt: new Date(lastReplyAt),
  }),
  none: null,
});

/** A thread of a room that the viewer is a member of. */
export const loadThread = (ctx: Context, { roomId, rootSeq }: ThreadKey): Promise<ThreadRow | null> =>
  read(ctx, { roomId, roomSeq: rootSeq });

/** The thread that a message belongs to or begins. A new message that is no reply has none, so showing it reads nothing. */
export function threadOf(ctx: Context, message: ShownMessage): Promise<ThreadRow | null> | null {
  const { roomId, roomSeq, threadRootSeq, isNew, room } = message;
  if ((room && room.access !== 'member') || (isNew && threadRootSeq === null)) return null;
  return loadThread(ctx, { roomId, rootSeq: threadRootSeq ?? roomSeq });
}

/** Finds a thread by its root; null if the viewer may not see it. */
export async function findThread(ctx: Context, key: ThreadKey): Promise<ThreadRow | null> {
  const [view, member] = await Promise.all([viewRoom(ctx, key.roomId), viewerMembership(ctx, key.roomId)]);
  return view && member ? loadThread(ctx, key) : null;
}

/** The same for an event of the own log: without access, only its id is shown. */
export async function threadOrGone(ctx: Context, key: ThreadKey, createdAt: Date): Promise<ThreadRow> {
  const nothing = {
    lastThreadSeq: 0,
    lastRoomSeq: 0,
    deletedCount: 0,
    participantCount: 0,
    participantIds: [],
  };
  const gone = { ...key, ...nothing, title: null, lastReplyAt: createdAt, isGone: true } as const;
  return (await findThread(ctx, key)) ?? gone;
}

// -- what it is to the viewer ----------------------------------------------------------------------

const UNTOUCHED: ThreadState = { isFollowing: false, readSeq: 0, replies: 0, mentions: 0 };

const ownLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<ThreadKey, ThreadState, string>(
      async (keys) => {
        const rows = await findStates(node.db.read, keys, viewer?.userId ?? 0);
        const found = new Map(rows.map((row) => [nameOf(row), row]));
        return keys.map((key) => found.get(nameOf(key)) ?? UNTOUCHED);
      },
      { cacheKeyFn: nameOf },
    ),
);

/** What a thread is to each user. */
interface MemberStates {
  readonly members: ReadonlyMap<number, ThreadState>;
  /** To users without a state of their own; null where there are too many to know who has one. */
  readonly others: ThreadState | null;
}

const memberLoader = perScope(
  ({ node }) =>
    new DataLoader<ThreadKey, MemberStates, string>(
      async (keys) => {
        const found = new Map<string, Map<number, ThreadState>>();
        for (const row of await findMemberStates(node.db.read, keys)) {
          const states = found.get(nameOf(row)) ?? new Map<number, ThreadState>();
          found.set(nameOf(row), states.set(row.userId, row));
        }
        return keys.map((key) => statesOf(found.get(nameOf(key)) ?? new Map()));
      },
      { cacheKeyFn: nameOf },
    ),
);

function statesOf(states: Map<number, ThreadState>): MemberStates {
  const others = states.get(0) ?? UNTOUCHED;
  states.delete(0);
  return states.size > MAX_KNOWN_MEMBERS ? { members: new Map(), others: null } : { members: states, others };
}

/**
 * A field that shows what the thread is to the viewer. In an event, one statement reads it for all users; null in threads
 * of more than MAX_KNOWN_MEMBERS.
 */
export function stateField<Value>(pick: (state: ThreadState) => Value) {
  const prepare = async (thread: ThreadRow, ctx: Context) => {
    const { members, others } = await memberLoader(ctx).load(thread);
    return (viewer: Viewpoint) => {
      const state = viewer.valueIn(members) ?? others;
      return state && pick(state);
    };
  };
  return {
    extensions: { forViewer: prepare },
    resolve: async (thread: ThreadRow, _args: object, ctx: Context) => {
      if (thread.isGone) return pick(UNTOUCHED);
      return ctx.viewpoint
        ? (await prepare(thread, ctx))(ctx.viewpoint)
        : pick(await ownLoader(ctx).load(thread));
    },
  };
}
