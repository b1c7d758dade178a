import { randomUUID } from 'node:crypto';
import { messageCreated } from '../../src/messages/events.ts';
import { messageRefusals } from '../../src/messages/messages.ts';
import { replyKind } from '../../src/messages/replies.ts';
import { roomStates } from '../../src/platform/database-codes.ts';
import { MAX_REPLIES_BACK, MAX_TITLE, threadRefusals } from '../../src/threads/changes.ts';
import { threadStateChanged, threadUpdated } from '../../src/threads/events.ts';
import { MAX_KNOWN_MEMBERS, MAX_SHOWN_PARTICIPANTS } from '../../src/threads/store.ts';
import type { Person } from '../harness/people.ts';
import { row } from '../realtime/convergence/row.ts';
import type { Player, World } from '../realtime/convergence/world.ts';
import type { CapabilityCases } from './cases.ts';

const STATE = 'viewerIsFollowing viewerReadSeq viewerUnreadCount viewerUnreadMentionCount';
const THREAD = `id title replyCount lastThreadSeq participants { username } ${STATE}`;

const threadIdOf = (messageId: string) => messageId.replace(/^msg/, 'thread');

/** Mostly a thread that there is: of some message. */
const thread = (world: World, actor: Player) => ({ threadId: threadIdOf(world.messageId(actor)) });

const reply = (person: Person, roomId: string, threadRootId: string, text = 'a reply') =>
  person.change('sendMessage', { roomId, text, threadRootId, idempotencyKey: randomUUID() });

async function beneath(person: Person, roomId: string, messageId: string): Promise<void> {
  await reply(person, roomId, messageId);
  await person.change('renameThread', { threadId: threadIdOf(messageId), title: randomUUID() });
}

const list = (query: string, seed: string) => ({ query, seed });

export const threads: CapabilityCases = {
  name: 'threads',
  limits: {
    'title of a thread': [MAX_TITLE],
    'how far `markThreadUnread` reaches back': [MAX_REPLIES_BACK],
    'participants that a thread names': [MAX_SHOWN_PARTICIPANTS],
    'users of a thread whose values are in events': [MAX_KNOWN_MEMBERS],
  },
  causes: {
    ThreadUpdated: ({ ada, hall, messageId }) => beneath(ada, hall, messageId),
    ThreadStateChanged: ({ bob, messageId }) =>
      bob.change('followThread', { threadId: threadIdOf(messageId) }, 'accountSeq'),
  },
  mutations: {
    markThreadUnread: row(
      3,
      (world, actor) => ({ ...thread(world, actor), fromSeq: world.random.int(4) }),
      'accountSeq',
    ),
    followThread: row(4, thread, 'accountSeq'),
    unfollowThread: row(3, thread, 'accountSeq'),
    markThreadRead: row(
      6,
      (world, actor) => ({ ...thread(world, actor), upToSeq: world.random.int(4) }),
      'accountSeq',
    ),
    renameThread: row(4, (world, actor) => ({
      ...thread(world, actor),
      title: world.random.pick(['', 'plans', 'a title']),
    })),
  },
  inputs: { threadId: 'thread_1_1', threadRootId: 'msg_1_1', alsoSendToRoom: true, title: 'a title' },
  beneath,
  audits: {
    'replies of threads': `SELECT t.* FROM threads t
      CROSS JOIN LATERAL (SELECT count(*) AS replies, max(r.thread_seq) AS last, max(r.room_seq) AS last_room_seq,
          count(*) FILTER (WHERE m.text IS NULL) AS deleted, count(DISTINCT m.author_id) AS participants,
          bool_and(m.thread_seq = r.thread_seq AND m.thread_root_seq = r.root_seq) AS is_same
        FROM thread_replies r JOIN messages m ON m.room_id = r.room_id AND m.room_seq = r.room_seq
        WHERE r.room_id = t.room_id AND r.root_seq = t.root_seq) r
      WHERE (t.last_thread_seq, t.last_thread_seq, t.last_room_seq, t.deleted_count, t.participant_count, true)
        IS DISTINCT FROM (r.replies, r.last, r.last_room_seq, r.deleted, r.participants, r.is_same)`,
    'messages in threads': `SELECT m.room_id, m.room_seq FROM messages m WHERE m.thread_root_seq IS NOT NULL AND NOT EXISTS (SELECT FROM thread_replies r
      WHERE r.room_id = m.room_id AND r.root_seq = m.thread_root_seq AND r.thread_seq = m.thread_seq AND r.room_seq = m.room_seq)`,
  },
  lists: {
    threads: list(
      'query ($id: ID!, $after: String) { room(id: $id) { threads(first: 1, after: $after) { edges { cursor } } } }',
      'room.threads',
    ),
    newThreads: list(
      'query ($id: ID!, $after: String) { room(id: $id) { threads(first: 1, after: $after, orderBy: NEWEST) { edges { cursor } } } }',
      'room.threads',
    ),
    myThreads: list(
      'query ($after: String) { viewer { threads(first: 1, after: $after) { edges { cursor } } } }',
      'viewer.threads',
    ),
    replies: list(
      `query ($id: ID!, $after: String) { room(id: $id) { messages(last: 1) { nodes { thread {
        replies(first: 1, after: $after) { edges { cursor } } } } } } }`,
      'room.messages.nodes.0.thread.replies',
    ),
  },
  plans: {
    'the threads of a page': `query ($id: ID!) { room(id: $id) { messages(last: 3) { nodes { threadSeq thread { ${THREAD} } } } } }`,
    'the replies of a thread':
      'query ($id: ID!) { room(id: $id) { messages(last: 1) { nodes { thread { replies(last: 3) { nodes { text author { username } } } } } } } }',
    'replies that were not read':
      'query ($id: ID!) { room(id: $id) { messages(last: 1) { nodes { thread { replies(first: 3, around: { firstUnread: true }) { nodes { text } } } } } } }',
    'the threads of a room': `query ($id: ID!) { room(id: $id) { threads(first: 3) { nodes { ${THREAD} root { text } } } } }`,
    'the threads of a room from the end':
      'query ($id: ID!) { room(id: $id) { threads(last: 3, orderBy: NEWEST) { nodes { title } } } }',
    'my threads': `{ viewer { threads(first: 3) { nodes { ${THREAD} } } } }`,
    'my unread threads': '{ viewer { threads(first: 3, filter: UNREAD) { nodes { title room { name } } } } }',
    async 'a reply, its edit and its deletion'({ ada, bob, roomId, messageId }) {
      const input = {
        roomId,
        text: `@${bob.username} and @room`,
        threadRootId: messageId,
        idempotencyKey: randomUUID(),
      };
      const { message } = await ada.change(
        'sendMessage',
        { ...input, alsoSendToRoom: true },
        'message { id }',
      );
      await ada.change('editMessage', { messageId: message.id, text: `not @room, only @${bob.username}` });
      await ada.change('deleteMessage', { messageId: message.id });
    },
    async 'a thread is read, left and named'({ ada, bob, roomId, messageId }) {
      await reply(bob, roomId, messageId);
      const threadId = threadIdOf(messageId);
      await ada.change('markThreadRead', { threadId, upToSeq: 1 }, `thread { ${THREAD} }`);
      await ada.change('markThreadUnread', { threadId, fromSeq: 1 }, 'accountSeq');
      await ada.change('unfollowThread', { threadId }, 'accountSeq');
      await ada.change('renameThread', { threadId, title: randomUUID() });
    },
  },
  batches: {
    kind: replyKind,
    fill: [
      `INSERT INTO threads (room_id, root_seq, last_thread_seq, last_room_seq, last_reply_at)
       SELECT room_id, room_seq, 1, room_seq, created_at FROM messages WHERE room_id = $1`,
      `INSERT INTO thread_members (room_id, root_seq, user_id, is_following)
       SELECT room_id, room_seq, author_id, true FROM messages WHERE room_id = $1`,
    ],
    first: (roomId, { seq, author }) => [
      [roomId, author, randomUUID(), randomUUID(), 'one', null, seq, 'true'],
      [roomId, author, randomUUID(), randomUUID(), 'two', seq, seq, 'false'],
    ],
    full: {
      'replies to many messages': ({ roomId, next }) =>
        next().map(({ seq, author }) => [
          roomId,
          author,
          randomUUID(),
          randomUUID(),
          'a reply',
          null,
          seq,
          'false',
        ]),
      'replies in one thread': ({ roomId, members, next }) =>
        next(1).flatMap(({ seq }) =>
          members.map((user) => [roomId, user, randomUUID(), randomUUID(), 'a reply', null, seq, 'true']),
        ),
    },
  },
  pages: [
    [
      'a page of a history with its threads',
      `query ($id: ID!, $n: Int!) { room(id: $id) { messages(last: $n) { nodes { text threadSeq thread { ${THREAD} } } } } }`,
      4,
    ],
    [
      'the threads of a room with their replies',
      'query ($id: ID!, $n: Int!) { room(id: $id) { threads(first: $n) { nodes { root { text } replies(last: 3) { nodes { text author { username } } } } } } }',
      6,
    ],
    ['my threads', `query ($n: Int!) { viewer { threads(first: $n) { nodes { ${THREAD} } } } }`, 3],
  ],
  sqlNumbers: {
    events: { apply_replies: [messageCreated.number], rename_thread: [threadUpdated.number] },
    accountEvents: { set_thread_state: [threadStateChanged.number] },
    states: { rename_thread: [roomStates.ARCHIVED], set_thread_state: [roomStates.DELETED] },
    own: {
      // How much one call leaves free.
      apply_replies: [10_000],
      set_thread_state: [MAX_REPLIES_BACK],
      store_replies: [MAX_SHOWN_PARTICIPANTS],
      // The root above the set, and the two sets that are not those of users.
      thread_set: [32, 2],
    },
  },
  statuses: {
    functions: ['apply_replies', 'set_thread_state', 'rename_thread', 'post_status'],
    refusals: { ...threadRefusals, ...messageRefusals.reply },
  },
  selections: { Thread: `{ ${THREAD} }` },
};
