import { roomStates } from '../../src/platform/database-codes.ts';
import { readStateChanged, roomPreferencesChanged } from '../../src/receipts/events.ts';
import { MAX_FOLDER_NAME } from '../../src/receipts/folders.ts';
import { MAX_UNREAD_BACK, markRefusals } from '../../src/receipts/marks.ts';
import { MAX_RECEIPT_MEMBERS, MAX_ROOMS_TOLD } from '../../src/receipts/store.ts';
import { row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

/** Mostly a message that there is. */
function mark(world: World, actor: Player, at: 'upToSeq' | 'fromSeq') {
  const roomId = world.roomId(actor);
  const last = actor.inbox.state.rooms[roomId]?.lastMessageSeq ?? 0;
  return { roomId, [at]: world.random.int(last + 2) };
}

export const receipts: CapabilityCases = {
  name: 'receipts',
  limits: {
    'how far `markUnread` reaches back': [MAX_UNREAD_BACK],
    'characters in the name of a folder': [MAX_FOLDER_NAME],
    'members whose marks and receipts are listed': [MAX_RECEIPT_MEMBERS],
    'rooms whose streams show at once': [MAX_ROOMS_TOLD],
  },
  causes: {
    ReadStateChanged: ({ bob, hall }) => bob.change('markRead', { roomId: hall, upToSeq: 1 }, 'accountSeq'),
    RoomPreferencesChanged: ({ bob, hall }) =>
      bob.change('updateRoomPreferences', { roomId: hall, isPinned: true }, 'accountSeq'),
  },
  mutations: {
    markRead: row(10, (world, actor) => mark(world, actor, 'upToSeq'), 'accountSeq'),
    markUnread: row(6, (world, actor) => mark(world, actor, 'fromSeq'), 'accountSeq'),
    markAllRead: () => ({
      weight: 2,
      async play(_world, _actor, person) {
        const { data } = await person.ask('mutation { markAllRead { __typename } }');
        return data.markAllRead;
      },
    }),
    ackDelivered: row(
      4,
      ({ random }, { inbox }) => ({ cursor: random.chance(0.1) ? 'none' : inbox.state.cursor }),
      'roomCount',
    ),
    updateRoomPreferences: row(
      4,
      (world, actor) => ({
        roomId: world.roomId(actor),
        ...(world.random.chance(0.5) && { isPinned: world.random.chance(0.5) }),
        ...(world.random.chance(0.5) && { isHidden: world.random.chance(0.7) }),
        ...(world.random.chance(0.5) && { isMuted: world.random.chance(0.5) }),
        ...(world.random.chance(0.3) && { folder: world.random.pick(['', 'work', 'home']) }),
        ...(world.random.chance(0.2) && { sharesReceipts: world.random.chance(0.5) }),
      }),
      'accountSeq',
    ),
  },
  inputs: {
    sharesReceipts: true,
    upToSeq: 1_000_000,
    fromSeq: 1,
    isMuted: true,
    isPinned: true,
    isHidden: true,
    folder: 'work',
    mutedUntil: '2999-01-01T00:00:00Z',
  },
  lists: {
    pinnedRooms: {
      query:
        'query ($after: String) { viewer { rooms(first: 1, after: $after, orderBy: PINNED_FIRST) { edges { cursor } } } }',
      seed: 'viewer.rooms',
    },
  },
  pages: [
    [
      'a page of a history with its receipts',
      'query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { receipts { readCount readBy { username } } } } } }',
      4,
    ],
    [
      'my rooms with what is unread in them, and the sum',
      'query ($n: Int!) { viewer { unread { messages rooms } rooms(first: $n) { nodes { title viewerReadSeq viewerUnreadCount viewerUnreadMentionCount } } } }',
      4,
    ],
  ],
  sqlNumbers: {
    accountEvents: {
      apply_marks: [readStateChanged.number],
      set_room_preferences: [roomPreferencesChanged.number],
    },
    states: {
      apply_marks: [roomStates.DELETED],
      set_room_preferences: [roomStates.DELETED],
      unread_counts: [roomStates.DELETED],
    },
    // Blocks of tallies: 64 ** level numbers, on five levels.
    own: {
      add_to_tallies: [6, 4],
      apply_marks: [MAX_UNREAD_BACK],
      remove_from_tallies: [6, 4, 6, 4],
      tally_above: [4, 6, 4, 6, 6],
    },
  },
  statuses: { functions: ['apply_marks', 'set_room_preferences'], refusals: markRefusals },
  plans: {
    'the rooms that are unread, pinned ones first':
      '{ viewer { rooms(first: 5, orderBy: PINNED_FIRST, filter: { isUnread: true, isMuted: false, folder: "" }) { nodes { title lastMessage { text } } } } }',
    'my folders': '{ viewer { folders { name roomCount } } }',
    'the receipts of a page':
      'query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { receipts { readCount readBy { username } } } } } }',
    'what was not read':
      '{ viewer { unread { messages } rooms(first: 5) { nodes { viewerReadSeq viewerUnreadCount } } } }',
    async 'marks back and forth'({ ada, roomId }) {
      await ada.change('markUnread', { roomId, fromSeq: 2 }, 'room { viewerUnreadCount }');
      await ada.change('markRead', { roomId, upToSeq: 3 }, 'room { viewerUnreadCount }');
      await ada.ask('mutation { markAllRead { __typename } }');
    },
    async 'what has arrived'({ bob }) {
      const { data } = await bob.ask('{ viewer { inboxCursor } }');
      await bob.change('ackDelivered', { cursor: data.viewer.inboxCursor }, 'roomCount');
    },
  },
};
