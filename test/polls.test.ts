import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { messageSatellites } from '../src/capabilities.ts';
import { eraseFromMessages } from '../src/messages/satellites.ts';
import { MAX_DAYS, MAX_OPTION_TEXT, MAX_OPTIONS } from '../src/polls/creating.ts';
import { MAX_KNOWN_VOTERS } from '../src/polls/store.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { everything } from './harness/everything.ts';
import { openFeed } from './harness/feed.ts';
import { numberIn } from './harness/ids.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { openServices } from './harness/services.ts';

let database: TestDatabase;
let node: TestNode;
let far: TestNode;
let people: Record<'ada' | 'bob' | 'cyd', Person>;
let roomId: string;

const env = {
  POSTS_PER_SECOND: '10000',
  CHANGES_PER_SECOND: '10000',
  CHANGES_BURST: '10000',
  REGISTRATIONS_PER_HOUR: '1000',
  HEAD_CHECK_MS: '10000',
};

beforeAll(async () => {
  database = await createDatabase();
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl'), env };
  [node, far] = await Promise.all([startNode(options), startNode(options)]);
  people = await signUpAll(node, 'ada', 'bob', 'cyd');
  roomId = await people.ada.createRoom('the hall');
  await people.bob.join(roomId);
});

afterAll(async () => {
  await Promise.all([node?.stop(), far?.stop()]);
  await database?.drop();
});

const POLL = `poll { question options { id text count } maxChoices isAnonymous resultsVisibility isClosed closedAt closesAt voterCount
  viewerVotes viewerCanVote viewerCanClose }`;
const CHANGED = `roomSeq message { id seq text threadSeq ${POLL} }`;

const create = (by: Person, more: object = {}) =>
  by.change(
    'createPoll',
    {
      roomId,
      question: 'Where?',
      options: ['here', 'there', 'nowhere'],
      idempotencyKey: randomUUID(),
      ...more,
    },
    `replayed ${CHANGED}`,
  );

/** A new poll: the id of its message, and those of its options. */
async function poll(more: object = {}, by = people.ada): Promise<[id: string, ...options: string[]]> {
  const { message } = await create(by, more);
  return [message.id, ...message.poll.options.map(({ id }: { id: string }) => id)];
}

const vote = (by: Person, messageId: string, ...optionIds: string[]) =>
  by.change('votePoll', { messageId, optionIds }, CHANGED);
const close = (by: Person, messageId: string) => by.change('closePoll', { messageId }, CHANGED);

async function pollFor(person: Person, id: string, selection = POLL): Promise<any> {
  const query = `query ($id: ID!) { node(id: $id) { ... on Message { ${selection} } } }`;
  return (await person.ask(query, { id })).data.node?.poll ?? null;
}

const countsIn = ({ options }: { options: { count: number | null }[] }) => options.map(({ count }) => count);

/** The rows of a poll, counted by option, and what is stored with the poll. */
async function stored(messageId: string) {
  const [room, seq] = messageId.split('_').slice(1).map(Number);
  const [row] = await queryRows<{
    counts: number[];
    rows: number[];
    voters: number;
    users: number;
    closed: boolean;
  }>(
    database.url,
    `SELECT p.counts, p.voter_count AS voters, p.closed_at IS NOT NULL AS closed,
      ARRAY(SELECT (SELECT count(*)::int FROM poll_votes v WHERE v.room_id = p.room_id AND v.room_seq = p.room_seq AND v.option = n)
        FROM generate_subscripts(p.counts, 1) AS n) AS rows,
      (SELECT count(DISTINCT v.user_id)::int FROM poll_votes v WHERE v.room_id = p.room_id AND v.room_seq = p.room_seq) AS users
     FROM polls p WHERE p.room_id = $1 AND p.room_seq = $2`,
    [room, seq],
  );
  return row;
}

const eventsOf = async (messageId: string) => {
  const [room, seq] = messageId.split('_').slice(1);
  return queryRows<{ roomSeq: number; actorId: number | null; facts: object | null }>(
    database.url,
    `SELECT room_seq::int AS "roomSeq", actor_id::int AS "actorId", facts FROM room_events
     WHERE room_id = $1 AND subject = $2 AND kind = 22 ORDER BY room_seq`,
    [room, seq],
  );
};

describe('a poll', () => {
  test('is the content of one message, in the timeline and in its event', async () => {
    const feed = await openFeed(
      node.wsUrl,
      people.bob.token,
      `subscription ($id: ID!) { room(id: $id) { __typename ... on MessageCreated { message { text ${POLL} } } } }`,
      { id: roomId },
      'room',
    );
    await feed.next('StreamReady');
    const { message, replayed } = await create(people.ada, { maxChoices: 2 });
    expect(message).toMatchObject({
      text: 'Where?',
      poll: {
        question: 'Where?',
        options: [
          { text: 'here', count: 0 },
          { text: 'there', count: 0 },
          { text: 'nowhere', count: 0 },
        ],
        maxChoices: 2,
        isAnonymous: false,
        resultsVisibility: 'ALWAYS',
        isClosed: false,
        closesAt: null,
        voterCount: 0,
        viewerVotes: [],
        viewerCanVote: true,
        viewerCanClose: true,
      },
    });
    expect(replayed).toBe(false);
    const shown = { ...message.poll, viewerCanClose: false };
    expect((await feed.next('MessageCreated')).message).toEqual({ text: 'Where?', poll: shown });
    expect(await pollFor(people.bob, message.id)).toEqual(shown);
    feed.close();
  });

  test('is created once for each key', async () => {
    const idempotencyKey = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => create(people.ada, { idempotencyKey })));
    expect(new Set(answers.map(({ message }) => message.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await create(people.ada, { idempotencyKey, maxChoices: 2 })).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });

  test('can be a reply in a thread', async () => {
    const { message } = await people.ada.say(roomId, 'a root');
    const reply = await create(people.bob, { threadRootId: message.id });
    expect(reply.message).toMatchObject({ seq: null, threadSeq: 1, poll: { voterCount: 0 } });
    const [, option] = reply.message.poll.options.map(({ id }: { id: string }) => id);
    expect(countsIn((await vote(people.ada, reply.message.id, option)).message.poll)).toEqual([0, 1, 0]);
  });

  test('mentions those whom its question names, and counts as a message that was not read', async () => {
    const query = 'query ($id: ID!) { room(id: $id) { viewerUnreadCount viewerUnreadMentionCount } }';
    const before = (await people.bob.ask(query, { id: roomId })).data.room;
    await create(people.ada, { question: `Where, @${people.bob.username}?` });
    expect((await people.bob.ask(query, { id: roomId })).data.room).toEqual({
      viewerUnreadCount: before.viewerUnreadCount + 1,
      viewerUnreadMentionCount: before.viewerUnreadMentionCount + 1,
    });
  });

  test('goes with its message', async () => {
    const [id, one] = await poll();
    await vote(people.bob, id, one as string);
    await people.ada.change('deleteMessage', { messageId: id });
    expect(await stored(id)).toBeUndefined();
    expect(await pollFor(people.bob, id)).toBeNull();
    expect(await vote(people.bob, id, one as string)).toMatchObject({ code: 'CONFLICT' });
    expect(await close(people.ada, id)).toMatchObject({ code: 'CONFLICT' });
    expect(
      await queryRows(database.url, `SELECT FROM poll_votes WHERE room_seq = ${id.split('_')[2]}`),
    ).toEqual([]);
  });

  const days = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString();
  const texts = (n: number) => Array.from({ length: n }, (_, i) => `option ${i}`);
  test.each([
    ['no question', { question: ' ' }, 'question'],
    ['one option', { options: texts(1) }, 'options'],
    ['too many options', { options: texts(MAX_OPTIONS + 1) }, 'options'],
    ['equal options', { options: ['here', 'there', ' here '] }, 'options'],
    ['a blank option', { options: ['here', ' '] }, 'options'],
    ['a long option', { options: ['here', 'x'.repeat(MAX_OPTION_TEXT + 1)] }, 'options'],
    ['an option of two lines', { options: ['here', 'a\nb'] }, 'options'],
    ['no choice', { maxChoices: 0 }, 'maxChoices'],
    ['more choices than options', { maxChoices: 4 }, 'maxChoices'],
    ['an end in the past', { closesAt: days(-1) }, 'closesAt'],
    ['an end too far ahead', { closesAt: days(MAX_DAYS + 1) }, 'closesAt'],
  ])('with %s is refused', async (_what, more, field) => {
    expect(await create(people.ada, more)).toMatchObject({ code: 'VALIDATION', path: ['input', field] });
  });

  test('is for members who can send messages', async () => {
    expect(await create(people.cyd)).toMatchObject({ code: 'NOT_FOUND' });
    expect(readFileSync('prisma/functions/polls/poll_status.sql', 'utf8')).toContain(
      `interval '${MAX_DAYS} days'`,
    );
  });
});

describe('votes', () => {
  test('are the complete set of choices, which can be changed and taken back', async () => {
    const { ada, bob } = people;
    const [id, one = '', two = '', three = ''] = await poll({ maxChoices: 2 });
    expect((await vote(bob, id, two, one, two)).message.poll).toMatchObject({
      voterCount: 1,
      viewerVotes: [one, two],
    });
    await vote(ada, id, three);
    expect((await vote(bob, id, three)).message.poll.viewerVotes).toEqual([three]);
    expect(await pollFor(ada, id)).toMatchObject({ voterCount: 2, viewerVotes: [three] });
    expect(countsIn(await pollFor(ada, id))).toEqual([0, 0, 2]);
    const events = await eventsOf(id);
    expect((await vote(bob, id, three)).message.poll.voterCount).toBe(2);
    expect(await eventsOf(id)).toEqual(events);
    expect((await vote(bob, id)).message.poll).toMatchObject({ voterCount: 1, viewerVotes: [] });
    expect(await stored(id)).toMatchObject({ counts: [0, 0, 1], rows: [0, 0, 1], voters: 1, users: 1 });
  });

  test('for unknown options, other polls or too many options are refused', async () => {
    const { bob } = people;
    const [id, one = '', two = ''] = await poll();
    const [, other = ''] = await poll();
    const invalid = { code: 'VALIDATION', path: ['input', 'optionIds'] };
    for (const ids of [['nothing'], [other], [one, two], [one.replace(/1$/, '4')], [one.replace(/1$/, '0')]])
      expect(await vote(bob, id, ...ids)).toMatchObject(invalid);
    const { message } = await people.ada.say(roomId, 'no poll');
    expect(await vote(bob, message.id)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await close(people.ada, message.id)).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('are for all members who see the message, also without the right to post', async () => {
    const { ada, bob, cyd } = people;
    const quiet = await ada.createRoom('announcements');
    await bob.join(quiet);
    const [id, one = '', two = ''] = await poll({ roomId: quiet });
    const set = (change: string) =>
      execute(
        database.url,
        `UPDATE memberships SET ${change} WHERE room_id = ${numberIn(quiet)} AND user_id = ${numberIn(bob.userId)}`,
      );
    await set('permission_bits = 0');
    expect((await create(bob, { roomId: quiet })).code).toBe('PERMISSION_DENIED');
    expect((await vote(bob, id, one)).message.poll).toMatchObject({
      viewerVotes: [one],
      viewerCanVote: true,
    });
    await set("timeout_until = now() + interval '1 hour'");
    expect(await vote(bob, id, two)).toMatchObject({ code: 'PERMISSION_DENIED' });
    expect((await pollFor(bob, id)).viewerCanVote).toBe(false);
    expect((await vote(bob, id)).message.poll.viewerVotes).toEqual([]);
    expect(await vote(cyd, id, one)).toMatchObject({ code: 'NOT_FOUND' });
    await set('timeout_until = NULL, visible_from_seq = 1000000');
    expect(await vote(bob, id, one)).toMatchObject({ code: 'NOT_FOUND' });
    await ada.change('archiveRoom', { roomId: quiet });
    expect(await vote(ada, id, one)).toMatchObject({ code: 'CONFLICT' });
    expect(await close(ada, id)).toMatchObject({ code: 'CONFLICT' });
    // Time goes on in archived rooms.
    const [room, seq] = id.split('_').slice(1);
    const endOf = async (closesAt: string) => {
      await execute(
        database.url,
        `UPDATE polls SET closes_at = ${closesAt} WHERE room_id = ${room} AND room_seq = ${seq}`,
      );
      return queryRows(database.url, `SELECT status FROM close_poll(${room}, ${seq}, NULL)`);
    };
    expect(await endOf("now() + interval '1 hour'")).toEqual([{ status: 'AGAIN' }]);
    expect(await endOf('now()')).toEqual([{ status: 'OK' }]);
    expect(await endOf('now()')).toEqual([{ status: 'SAME' }]);
  });

  test('are listed by option, in the order of accounts', async () => {
    const { ada, bob } = people;
    const [id, one = ''] = await poll();
    for (const person of [bob, ada]) await vote(person, id, one);
    const page = async (after: string | null) => {
      const query = `query ($id: ID!, $after: String) { node(id: $id) { ... on Message { poll { options {
        voters(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } } } } }`;
      return (await ada.ask(query, { id, after })).data.node.poll.options[0].voters;
    };
    const first = await page(null);
    const second = await page(first.pageInfo.endCursor);
    expect([first.nodes, second.nodes]).toEqual([[{ id: ada.userId }], [{ id: bob.userId }]]);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  });

  test('of many at once, through two nodes, are counted exactly', async () => {
    const { ada, bob } = people;
    const [id, ...options] = await poll({ maxChoices: 2 });
    const pick = (n: number) => [options[n % 3] as string, options[(n * 2) % 3] as string];
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        vote((n % 2 ? ada : bob).via(n % 3 ? node : far), id, ...(n % 5 ? pick(n) : [])),
      ),
    );
    const row = await stored(id);
    expect(row?.counts).toEqual(row?.rows);
    expect(row?.voters).toBe(row?.users);
  });

  test('stay when a user is erased', async () => {
    const [id, one = ''] = await poll();
    await vote(people.bob, id, one);
    const services = await openServices(database.url);
    try {
      await eraseFromMessages(services.node.db.write, messageSatellites);
    } finally {
      await services.close();
    }
    expect((await stored(id))?.voters).toBe(1);
  });
});

describe('closing', () => {
  test('is for the author and members who may delete the message, once and for good', async () => {
    const { ada, bob, cyd } = people;
    const [id, one = '', two = ''] = await poll({}, bob);
    await vote(bob, id, one);
    expect(await close(cyd, id)).toMatchObject({ code: 'NOT_FOUND' });
    const [mine] = await poll();
    expect(await close(bob, mine)).toMatchObject({ code: 'PERMISSION_DENIED' });
    const closed = await close(ada, id);
    expect(closed.message.poll).toMatchObject({
      isClosed: true,
      viewerCanVote: false,
      viewerCanClose: false,
    });
    expect((await close(bob, id)).message.poll.closedAt).toBe(closed.message.poll.closedAt);
    expect(await vote(bob, id, two)).toMatchObject({ code: 'CONFLICT' });
    expect(await vote(bob, id)).toMatchObject({ code: 'CONFLICT' });
    // The same again asks for nothing.
    expect((await vote(bob, id, one)).message.poll.viewerVotes).toEqual([one]);
    expect(await eventsOf(id)).toHaveLength(2);
  });

  test('100 times at once with votes, through two nodes, happens once, and freezes what is counted', async () => {
    const { ada, bob } = people;
    const [id, one = '', two = ''] = await poll();
    const voting = (n: number) => vote(bob.via(n % 2 ? node : far), id, n % 3 ? one : two);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        Promise.all([close(ada.via(n % 2 ? far : node), id), n % 5 === 0 ? voting(n) : null]),
      ),
    );
    const closings = answers.map(([closing]) => closing);
    expect(new Set(closings.map(({ message }) => message.poll.closedAt)).size).toBe(1);
    const votes = answers.flatMap(([, each]) => (each ? [each.__typename] : []));
    expect(votes.filter((name) => !['VotePollSuccess', 'ConflictError'].includes(name))).toEqual([]);
    // The closing is the last event: every vote is before it, or refused.
    const events = await eventsOf(id);
    expect(events.filter(({ facts }) => facts === null)).toEqual(events.slice(-1));
    const row = await stored(id);
    expect(row).toMatchObject({ closed: true });
    expect(row?.counts).toEqual(row?.rows);
    expect(row?.voters).toBe(row?.users);
    expect(countsIn(await pollFor(ada, id))).toEqual(row?.counts);
  });

  test('by time is a job, and votes are refused before it has run', async () => {
    const { ada, bob } = people;
    const closesAt = new Date(Date.now() + 3_600_000).toISOString();
    const [id, one = '', two = ''] = await poll({ closesAt });
    const [room, seq] = id.split('_').slice(1).map(Number);
    await vote(bob, id, one);
    const [job] = await queryRows<{ id: string; at: Date }>(
      database.url,
      `SELECT id::text, run_at AS at FROM jobs._private_jobs WHERE payload ->> 'roomSeq' = $1 AND payload ->> 'roomId' = $2`,
      [`${seq}`, `${room}`],
    );
    expect(job?.at.toISOString()).toBe(closesAt);
    await execute(
      database.url,
      `UPDATE polls SET closes_at = now() WHERE room_id = ${room} AND room_seq = ${seq}`,
    );
    expect(await vote(bob, id, two)).toMatchObject({ code: 'CONFLICT', detail: 'The poll is closed.' });
    expect(await pollFor(ada, id)).toMatchObject({ isClosed: false, viewerCanVote: false });
    const feed = await openFeed(
      far.wsUrl,
      bob.token,
      `subscription ($id: ID!) { room(id: $id) { __typename ... on PollUpdated { actor { id } poll { isClosed closesAt closedAt } } } }`,
      { id: roomId },
      'room',
    );
    await feed.next('StreamReady');
    await execute(database.url, `SELECT jobs.reschedule_jobs(ARRAY[${job?.id}], run_at => now())`);
    const { actor, poll: after } = await feed.next('PollUpdated');
    expect({ actor, after }).toMatchObject({
      actor: null,
      after: { isClosed: true, closedAt: after.closesAt },
    });
    expect(countsIn(await pollFor(ada, id))).toEqual([1, 0, 0]);
    await expect
      .poll(() => queryRows(database.url, `SELECT FROM jobs._private_jobs WHERE id = ${job?.id}`))
      .toEqual([]);
    feed.close();
  });
});

describe('what others see', () => {
  const EVERYTHING = `${POLL.replace('count }', 'count voters { nodes { id } } }')}`;

  test('hidden results are nowhere until the poll is closed', async () => {
    const { ada, bob } = people;
    const [id, one = '', two = ''] = await poll({ resultsVisibility: 'WHEN_CLOSED' });
    const feed = await openFeed(
      far.wsUrl,
      ada.token,
      `subscription ($id: ID!) { room(id: $id) { __typename ... on RoomEvent { actor { id } }
        ... on PollUpdated { poll { voterCount viewerVotes options { count } } message { id ${POLL} } } } }`,
      { id: roomId },
      'room',
    );
    await feed.next('StreamReady');
    expect((await vote(bob, id, two)).message.poll).toMatchObject({ viewerVotes: [two] });
    const event = await feed.next('PollUpdated');
    expect(event).toMatchObject({ actor: null, poll: { voterCount: 1, viewerVotes: [] } });
    expect(countsIn(event.poll)).toEqual([null, null, null]);
    expect(countsIn(event.message.poll)).toEqual([null, null, null]);
    await vote(ada, id, one);
    expect((await feed.next('PollUpdated')).poll.viewerVotes).toEqual([one]);
    for (const person of [ada, bob]) {
      const seen = await pollFor(person, id, EVERYTHING);
      expect(seen.options).toMatchObject([1, 2, 3].map(() => ({ count: null, voters: null })));
      expect(seen).toMatchObject({ voterCount: 2, viewerVotes: [person === ada ? one : two] });
    }
    const { message } = await ada.say(roomId, 'quoted', { replyToId: id });
    const quote = `query ($id: ID!) { node(id: $id) { ... on Message { replyTo { ${EVERYTHING} } } } }`;
    const quoted = (await bob.ask(quote, { id: message.id })).data.node.replyTo.poll;
    expect(countsIn(quoted)).toEqual([null, null, null]);
    const log = JSON.stringify((await eventsOf(id)).map(({ facts }) => facts));
    expect(log).not.toContain('counts');
    await close(ada, id);
    expect(countsIn((await feed.next('PollUpdated')).poll)).toEqual([1, 1, 0]);
    expect((await pollFor(bob, id, EVERYTHING)).options[1].voters.nodes).toEqual([{ id: bob.userId }]);
    feed.close();
  });

  test.each([
    ['hidden', { resultsVisibility: 'WHEN_CLOSED' }],
    ['hidden and anonymous', { resultsVisibility: 'WHEN_CLOSED', isAnonymous: true }],
  ])('no field of a poll that is %s, and of its events, depends on the votes', async (_what, more) => {
    const { ada, bob } = people;
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    const ofEvents: Parameters<typeof everything>[3] = (_owner, field) =>
      !/Connection!?$/.test(String(field.type));
    const query = `query ($id: ID!, $room: ID!, $after: String) {
      node(id: $id) { ... on Message ${everything(schema, 'Message', 2)} ... on Message { poll ${everything(schema, 'Poll', 5)} } }
      room(id: $room) { events(first: 5, after: $after) { nodes { __typename ... on PollUpdated ${everything(schema, 'PollUpdated', 4, ofEvents)} } } } }`;
    // What differs between any two messages.
    const own =
      /^(id|.*[sS]eq|cursor|idempotencyKey|sentAt|occurredAt|.*Cursor|last.*|viewer(Read|Unread).*)$/;
    const seenAfter = async (choose: (options: string[]) => string[]) => {
      const { cursor } = (await ada.ask('query ($id: ID!) { room(id: $id) { cursor } }', { id: roomId })).data
        .room;
      const [id, ...options] = await poll({ ...more, maxChoices: 2 });
      await vote(bob, id, ...choose(options));
      const { data, errors } = await ada.ask(query, { id, room: roomId, after: cursor });
      expect(errors).toEqual([]);
      expect(data.room.events.nodes.at(-1).__typename).toBe('PollUpdated');
      return JSON.parse(JSON.stringify(data, (key, value) => (own.test(key) ? undefined : value)));
    };
    const first = await seenAfter((options) => options.slice(0, 1));
    expect(await seenAfter((options) => options.slice(1))).toEqual(first);
  });

  test('an anonymous poll tells of counts, and of no voter', async () => {
    const { ada, bob } = people;
    const [id, one = ''] = await poll({ isAnonymous: true });
    const feed = await ada.watch(roomId);
    await feed.next('StreamReady');
    await vote(bob, id, one);
    await feed.next('PollUpdated');
    expect((await eventsOf(id)).map(({ actorId }) => actorId)).toEqual([null]);
    await close(ada, id);
    const seen = await pollFor(ada, id, EVERYTHING);
    expect(countsIn(seen)).toEqual([1, 0, 0]);
    expect(seen.options[0].voters).toBeNull();
    feed.close();
  });

  test('in a large poll an event tells only its voter of the vote; a query tells everybody', async () => {
    const { ada, bob } = people;
    const [id, one = '', two = ''] = await poll();
    const [room, seq] = id.split('_').slice(1);
    await execute(
      database.url,
      `INSERT INTO poll_votes SELECT ${room}, ${seq}, 1, 1000000 + n FROM generate_series(1, ${MAX_KNOWN_VOTERS}) AS n;
       UPDATE polls SET voter_count = ${MAX_KNOWN_VOTERS}, counts = ARRAY[${MAX_KNOWN_VOTERS}, 0, 0] WHERE room_id = ${room} AND room_seq = ${seq}`,
    );
    await vote(ada, id, one);
    const open = (person: Person) =>
      openFeed(
        node.wsUrl,
        person.token,
        'subscription ($id: ID!) { room(id: $id) { __typename ... on PollUpdated { poll { voterCount viewerVotes } } } }',
        { id: roomId },
        'room',
      );
    const feeds = await Promise.all([open(ada), open(bob)]);
    for (const feed of feeds) await feed.next('StreamReady');
    await vote(bob, id, two);
    const [hers, his] = (await Promise.all(feeds.map((feed) => feed.next('PollUpdated')))) as [any, any];
    expect(hers.poll).toEqual({ voterCount: MAX_KNOWN_VOTERS + 2, viewerVotes: null });
    expect(his.poll.viewerVotes).toEqual([two]);
    expect((await pollFor(ada, id)).viewerVotes).toEqual([one]);
    for (const feed of feeds) feed.close();
  });
});
