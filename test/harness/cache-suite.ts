import { randomUUID } from 'node:crypto';
import type { Client } from '@parley/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './database.ts';
import { type Link, openLink } from './link.ts';
import { startNode, type TestNode } from './node.ts';
import { type Person, signUp } from './people.ts';
import { Device } from './sdk.ts';
import { trimRoom } from './trim.ts';

/** A GraphQL client over the client package, as an application uses it. */
export interface CachingClient {
  /** Shows `messages(last: 5)` of a room for as long as the test runs; returns the texts as they are now. */
  show(roomId: string): Promise<() => readonly (string | null)[]>;
  /** Runs a query that is answered with data and errors. */
  askPartly(document: string, variables: Record<string, string>): Promise<Partly>;
  /** Subscribes to the messages of a room. Returns what ends it. */
  follow(roomId: string, onText: (text: string) => void): () => void;
  close(): void;
}

export interface Partly {
  readonly data: unknown;
  readonly messages: readonly string[];
}

const PARTLY = `query Partly($id: ID!) {
  room(id: $id) { id name }
  other: room(id: $id) { id events(after: "nonsense") { nodes { __typename } } }
}`;

/** What a cache has to do, whatever library it is of. */
export function testCache(open: (client: Client) => CachingClient): void {
  let database: TestDatabase;
  let node: TestNode;
  let link: Link;
  let ann: Person;
  let ben: Person;
  let roomId: string;
  let device: Device;
  let caching: CachingClient;

  beforeAll(async () => {
    database = await createDatabase();
    const env = { HEARTBEAT_SECONDS: '1', POSTS_PER_SECOND: '10000', POSTS_BURST: '10000' };
    node = await startNode({ databaseUrl: database.url, env });
  });

  afterAll(async () => {
    await node?.stop();
    await database?.drop();
  });

  beforeEach(async () => {
    [ann, ben] = await Promise.all([signUp(node, 'ann'), signUp(node, 'ben')]);
    roomId = await ann.createRoom(`cache ${randomUUID()}`);
    await ben.join(roomId);
    link = await openLink(node.url);
    device = new Device(link.url);
    // The packages over the client are compiled with what it is built to.
    caching = open(device.client as unknown as Client);
    await device.signIn(ann);
  });

  afterEach(async () => {
    caching.close();
    await device.client.close();
    link.close();
  });

  const sayAll = async (...texts: readonly string[]) => {
    for (const text of texts) await ben.say(roomId, text);
  };
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);

  test('a list grows with each message, and shows edits', async () => {
    await sayAll('1');
    const texts = await caching.show(roomId);
    await expect.poll(texts).toEqual(['1']);
    const { message } = await ben.say(roomId, '2');
    await expect.poll(texts).toEqual(['1', '2']);
    link.cut();
    await sayAll('3', '4');
    await ben.change('editMessage', { messageId: message.id, text: 'two' });
    await expect.poll(texts).toEqual(['1', 'two', '3', '4']);
  });

  test('a list that lacks messages in between has the newest ones, without a gap', async () => {
    await sayAll(...numbered(1, 3));
    const texts = await caching.show(roomId);
    await expect.poll(texts).toEqual(numbered(1, 3));
    link.silence();
    link.cut();
    await sayAll(...numbered(4, 33));
    // The client has to take a snapshot, which begins behind the list.
    await trimRoom(database.url, roomId);
    link.restore();
    await device.client.reconnect();
    await expect.poll(texts).toEqual(numbered(29, 33));
    await sayAll('34');
    await expect.poll(() => texts().slice(-2)).toEqual(['33', '34']);
  });

  test('data of a response that has errors, too, are there', async () => {
    const { data, messages } = await caching.askPartly(PARTLY, { id: roomId });
    expect(data).toMatchObject({ room: { id: roomId }, other: { events: null } });
    expect(messages).toHaveLength(1);
  });

  test('subscriptions of the application go on over the next connection: everything, in order, once', async () => {
    const texts: string[] = [];
    const stop = caching.follow(roomId, (text) => texts.push(text));
    // The first ones may come before it is ready.
    await expect
      .poll(async () => {
        await ben.say(roomId, 'are you there?');
        return texts.length;
      })
      .toBeGreaterThan(0);
    const said = numbered(1, 9);
    for (const text of said) {
      if (Number(text) % 3 === 0) link.cut();
      await sayAll(text);
    }
    await expect.poll(() => texts.filter((text) => text !== 'are you there?')).toEqual(said);
    stop();
    expect(device.sockets.filter(({ readyState }) => readyState === 1)).toHaveLength(1);
  });
}
