import { randomUUID } from 'node:crypto';
import { parse } from 'graphql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  createDocuments,
  type Documents,
  type ItemInfo,
  type OwnDocument,
} from '../../packages/client/src/document-client.ts';
import { type ClientOptions, type ParleyError, until } from '../../packages/client/src/index.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { type Link, openLink } from '../harness/link.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device, PASSWORD } from '../harness/sdk.ts';
import { trimRoom } from '../harness/trim.ts';

// Documents of an application, over the connection of the client.

let database: TestDatabase;
let node: TestNode;
let link: Link;
let ann: Person;
let ben: Person;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  const env = { HEARTBEAT_SECONDS: '1', POSTS_PER_SECOND: '10000', POSTS_BURST: '10000' };
  node = await startNode({ databaseUrl: database.url, env });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const devices: Device[] = [];
const stops: (() => void)[] = [];

beforeEach(async () => {
  [ann, ben] = await Promise.all([signUp(node, 'ann'), signUp(node, 'ben')]);
  roomId = await ann.createRoom(`documents ${randomUUID()}`);
  await ben.join(roomId);
  link = await openLink(node.url);
});

afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await Promise.all(devices.splice(0).map(({ client }) => client.close()));
  link.close();
});

interface App {
  readonly device: Device;
  readonly documents: Documents;
}

async function appOf(person: Person, options: Partial<ClientOptions> = {}): Promise<App> {
  const device = new Device(link.url, options);
  devices.push(device);
  const documents = createDocuments(device.client);
  await device.signIn(person);
  return { device, documents };
}

const ROOM_TEXT = `query TeamsRoom($id: ID!) { room(id: $id) { id name } }`;
const ROOM = ROOM_TEXT as OwnDocument<{ room: { id: string; name: string } | null }, { id: string }>;
const RENAME = parse(`mutation TeamsRename($input: UpdateRoomInput!) {
  updateRoom(input: $input) { ... on UpdateRoomSuccess { room { name } } ... on UserError { code } }
}`) as OwnDocument<
  { updateRoom: { room?: { name: string }; code?: string } },
  { input: { roomId: string; name: string } }
>;

interface Said {
  readonly item?: { readonly message?: { readonly text: string }; readonly typing?: number };
}
/** Neither a cursor nor a type: what resuming needs is added. */
const TEXTS = parse(`subscription TeamsTexts($id: ID!, $from: Cursor) {
  item: room(id: $id, after: $from) { ... on MessageCreated { message { text } } }
}`) as OwnDocument<Said, { id: string; from?: string }>;

/** Follows a subscription, and writes down what it says. */
function follow<Variables>(
  documents: Documents,
  document: OwnDocument<Said, Variables>,
  variables: Variables,
) {
  const texts: string[] = [];
  const kinds: string[] = [];
  const errors: ParleyError[] = [];
  const last: { cursor: string | null } = { cursor: null };
  const next = ({ item }: Said, { cursor }: ItemInfo) => {
    if (item?.message) texts.push(item.message.text);
    kinds.push((item as { __typename: string }).__typename);
    last.cursor = cursor ?? last.cursor;
  };
  const stop = documents.subscribe(document, variables, { next, error: (error) => errors.push(error) });
  stops.push(stop);
  const ready = () => expect.poll(() => kinds).toContain('StreamReady');
  return { texts, kinds, errors, last, stop, ready };
}

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

async function sayAll(person: Person, texts: readonly string[]): Promise<void> {
  for (const text of texts) await person.say(roomId, text);
}

describe('queries and mutations', () => {
  test('go over the connection of the client, as text or parsed', async () => {
    const { device, documents } = await appOf(ann);
    const sent = device.operations.length;
    const renamed = await documents.request(RENAME, { input: { roomId, name: `engine ${roomId}` } });
    expect(renamed.updateRoom.room?.name).toBe(`engine ${roomId}`);
    expect((await documents.request(ROOM, { id: roomId })).room?.name).toBe(`engine ${roomId}`);
    expect(device.operations.length).toBe(sent);
    expect(device.sockets).toHaveLength(1);
  });

  test('go over HTTP where a message would be too long, or there is no connection', async () => {
    const { device, documents } = await appOf(ann);
    const long = `${ROOM_TEXT} # ${'x'.repeat(16_000)}` as typeof ROOM;
    expect((await documents.request(long, { id: roomId })).room?.id).toBe(roomId);
    expect(device.operations.at(-1)).toBe('TeamsRoom');
    expect(device.client.connection.getSnapshot()).toEqual({ status: 'live' });
    const lost = until(device.client.connection, ({ status }) => status !== 'live');
    device.sockets[0]?.terminate();
    await lost;
    expect((await documents.request(ROOM, { id: roomId })).room?.id).toBe(roomId);
  });

  test('where the connection ends before the answer, a query is asked again, and a mutation fails', async () => {
    const { device, documents } = await appOf(ann);
    link.holdAnswers();
    const [query, mutation] = [
      documents.request(ROOM, { id: roomId }),
      documents.request(RENAME, { input: { roomId, name: `renamed ${roomId}` } }),
    ];
    link.cut();
    await expect(mutation).rejects.toMatchObject({ code: 'NETWORK' });
    expect((await query).room?.id).toBe(roomId);
    const repeated = device.operations.filter((name) => name.startsWith('Teams'));
    expect(new Set(repeated)).toEqual(new Set(['TeamsRoom']));
  });

  test('refusals and request errors are typed', async () => {
    const { documents } = await appOf(ann);
    const refused = await documents.request(RENAME, { input: { roomId, name: '' } });
    expect(refused.updateRoom.code).toBe('VALIDATION');
    const ask = (text: string) => documents.request(text as OwnDocument<unknown, object>, {});
    await expect(ask('{ nonsense }')).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
    await expect(ask('{ unclosed')).rejects.toMatchObject({ code: 'GRAPHQL_PARSE_FAILED' });
    await expect(ask('query A { __typename } query B { __typename }')).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await expect(ask('subscription { inbox { __typename } }')).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  test('a response with data and errors has both', async () => {
    const { documents } = await appOf(ann);
    const partly = `query Partly($id: ID!) { room(id: $id) { id } events: room(id: $id) { events(after: "nonsense") { nodes { __typename } } } }`;
    const answer = await documents.respond(partly as OwnDocument<unknown, object>, { id: roomId });
    expect(answer).toMatchObject({
      data: { room: { id: roomId }, events: { events: null } },
      errors: [{ path: ['events', 'events'], extensions: { code: 'VALIDATION' } }],
    });
  });
});

describe('subscriptions', () => {
  test('go over the same connection, and on with the next one: everything, in order, once', async () => {
    const { device, documents } = await appOf(ann);
    const { texts, ready, errors } = follow(documents, TEXTS, { id: roomId });
    await ready();
    expect(device.sockets).toHaveLength(1);
    for (let round = 0; round < 6; round++) {
      link.cut();
      await sayAll(ben, numbered(round * 5 + 1, round * 5 + 5));
      if (round % 2 === 0) await device.live();
    }
    await expect.poll(() => texts).toEqual(numbered(1, 30));
    expect(errors).toEqual([]);
    expect(device.operations.filter((name) => name === 'InboxSnapshot')).toHaveLength(1);
  });

  test('the inbox, without an argument for the cursor', async () => {
    const inbox = `subscription { item: inbox { ... on MessageCreated { message { text } } } }`;
    const { device, documents } = await appOf(ann);
    const followed = follow(documents, inbox as OwnDocument<Said, object>, {});
    await followed.ready();
    link.cut();
    await sayAll(ben, numbered(1, 3));
    await device.live();
    await sayAll(ben, numbered(4, 6));
    await expect.poll(() => followed.texts).toEqual(numbered(1, 6));
  });

  test('a restart goes on from the cursor that the application kept', async () => {
    const { device, documents } = await appOf(ann);
    const first = follow(documents, TEXTS, { id: roomId });
    await first.ready();
    await sayAll(ben, numbered(1, 3));
    await expect.poll(() => first.texts).toEqual(numbered(1, 3));
    await device.restart();
    await expect.poll(() => first.errors.map(({ code }) => code)).toEqual(['CLOSED']);
    await sayAll(ben, numbered(4, 6));
    const again = createDocuments(device.client);
    const second = follow(again, TEXTS, { id: roomId, from: first.last.cursor as string });
    await expect.poll(() => second.texts).toEqual(numbered(4, 6));
  });

  test('an observer that takes its time gets everything, in order, once', async () => {
    const { documents } = await appOf(ann);
    const shown: string[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const next = async ({ item }: Said) => {
      await held;
      if (item?.message) shown.push(item.message.text);
    };
    const { cursor } = (await ann.ask(`{ room(id: "${roomId}") { cursor } }`)).data.room;
    const texts = numbered(1, 1_200);
    for (let at = 0; at < texts.length; at += 25)
      await Promise.all(texts.slice(at, at + 25).map((text) => ben.say(roomId, text)));
    const error = (problem: ParleyError) => shown.push(problem.code);
    stops.push(documents.subscribe(TEXTS, { id: roomId, from: cursor }, { next, error }));
    // Far more than is kept for it.
    const counted = follow(documents, TEXTS, { id: roomId, from: cursor });
    await expect.poll(() => counted.texts.length).toBe(texts.length);
    release();
    await expect.poll(() => shown.length).toBe(texts.length);
    expect(shown).toEqual(counted.texts);
  });

  test('an observer that throws ends it', async () => {
    const { documents } = await appOf(ann);
    const error = await new Promise<ParleyError>((resolve) => {
      const next = () => {
        throw new Error('broken');
      };
      stops.push(documents.subscribe(TEXTS, { id: roomId }, { next, error: resolve }));
    });
    expect(error).toMatchObject({ code: 'OBSERVER', cause: { message: 'broken' } });
  });

  test('what cannot be continued says why', async () => {
    const { documents } = await appOf(ann);
    const endsWith = async (variables: { id: string; from?: string }, code: string) => {
      const { errors } = follow(documents, TEXTS, variables);
      await expect.poll(() => errors.map((error) => error.code)).toEqual([code]);
    };
    await endsWith({ id: roomId, from: 'nonsense' }, 'INVALID_CURSOR');
    await endsWith({ id: 'room_999999999' }, 'NOT_FOUND');
    const { cursor } = (await ann.ask(`{ room(id: "${roomId}") { cursor } }`)).data.room;
    await sayAll(ben, numbered(1, 3));
    await trimRoom(database.url, roomId);
    await endsWith({ id: roomId, from: cursor }, 'CURSOR_EXPIRED');
    const { errors, ready } = follow(documents, TEXTS, { id: roomId });
    await ready();
    await ann.change('deleteRoom', { roomId });
    await expect.poll(() => errors.map((error) => error.code)).toEqual(['ACCESS_LOST']);
  });

  test('a document that the server refuses ends it, and one that cannot be followed does not start', async () => {
    const { documents } = await appOf(ann);
    const refused = `subscription { item: inbox { nonsense } }` as OwnDocument<Said, object>;
    const { errors } = follow(documents, refused, {});
    await expect.poll(() => errors.map(({ code }) => code)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
    expect(() => follow(documents, ROOM as never, {})).toThrow('Only the subscriptions');
    expect(() => follow(documents, 'nonsense' as OwnDocument<Said, object>, {})).toThrow('Syntax Error');
  });

  test('they end with the session of the person', async () => {
    const { device, documents } = await appOf(ann);
    const { errors, ready, texts } = follow(documents, TEXTS, { id: roomId });
    await ready();
    await device.client.login(ben.username, PASSWORD);
    await expect.poll(() => errors.map(({ code }) => code)).toEqual(['SIGNED_OUT']);
    await device.live();
    await ann.say(roomId, 'to ben');
    await device.shows(roomId, ['to ben']);
    expect(texts).toEqual([]);
    await device.client.logout();
    const nobodys = follow(documents, TEXTS, { id: roomId });
    await expect.poll(() => nobodys.errors.map(({ code }) => code)).toEqual(['SIGNED_OUT']);
  });

  test('one that was stopped says nothing more', async () => {
    const { device, documents } = await appOf(ann);
    const { stop, ready, kinds } = follow(documents, TEXTS, { id: roomId });
    await ready();
    stop();
    const told = kinds.length;
    await ben.say(roomId, 'late');
    await device.shows(roomId, ['late']);
    expect(kinds).toHaveLength(told);
  });
});

test('a token that ends soon is renewed, and subscriptions go on over the same connection', async () => {
  const other = await createDatabase();
  const env = { HEARTBEAT_SECONDS: '1', ACCESS_TOKEN_TTL_SECONDS: '20' };
  const brief = await startNode({ databaseUrl: other.url, env });
  link.lead(brief.url);
  const cara = await signUp(brief, 'cara');
  const id = await cara.createRoom('brief');
  const { device, documents } = await appOf(cara);
  const { ready, texts } = follow(documents, TEXTS, { id });
  await ready();
  const renewals = () => device.operations.filter((name) => name === 'RefreshSession').length;
  await expect.poll(renewals).toBeGreaterThan(0);
  // By the client: the token that cara signed up with may be over.
  await device.client.room(id).send('with a new token');
  await expect.poll(() => texts).toEqual(['with a new token']);
  expect((await documents.request(ROOM, { id })).room?.id).toBe(id);
  expect(device.sockets).toHaveLength(1);
  await device.client.close();
  await brief.stop();
  await other.drop();
});
