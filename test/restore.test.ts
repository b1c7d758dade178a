import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmbeddedPostgres } from '../src/embedded-postgres/embedded-postgres.ts';
import { NODE_ROLE } from '../src/embedded-postgres/roles.ts';
import { withDatabase } from '../src/platform/database-url.ts';
import { migrate } from '../src/platform/migrate.ts';
import { runAdmin } from './harness/admin.ts';
import { createDatabase, execute } from './harness/database.ts';
import { type Dump, dumpDatabase, restoreDump, spendTransactions } from './harness/dump.ts';
import type { Feed } from './harness/feed.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { startPostgres } from './harness/postgres.ts';

// What becomes of clients when the database is another one than the one that gave them their positions. A client that
// does not know the server's code: it keeps every cursor that it is given, and comes back with each of them.

/** All items that one user received, in order, and the position before each. */
class Witness {
  readonly rooms: readonly string[];
  private person: Person;
  /** The cursor before each event, and the event. */
  readonly inbox: { before: string; roomId: string; roomSeq: number; text: string }[] = [];
  readonly roomCursors = new Map<string, string[]>();
  private last = '';

  constructor(person: Person, rooms: readonly string[]) {
    this.person = person;
    this.rooms = rooms;
  }

  get cursors(): string[] {
    return [...this.inbox.map(({ before }) => before), this.last];
  }

  /** The same user at another node. */
  moveTo(person: Person): void {
    this.person = person;
  }

  /** Takes a new snapshot: earlier items no longer count. */
  async begin(): Promise<void> {
    this.inbox.length = 0;
    const { data } = await this.person.ask('{ viewer { inboxCursor } }');
    this.last = data.viewer.inboxCursor;
    for (const id of this.rooms) {
      const { room } = (await this.person.ask('query ($id: ID!) { room(id: $id) { cursor } }', { id })).data;
      this.roomCursors.set(id, [room.cursor]);
    }
  }

  /** Receives the next items over a stream from the last cursor. */
  async receive(count: number): Promise<void> {
    const feed = await this.person.watchInbox(this.last);
    for (const item of await feed.events(count)) {
      const [roomId, roomSeq] = [item['room'].id as string, item.roomSeq as number];
      this.inbox.push({ before: this.last, roomId, roomSeq, text: item['message']?.text ?? '' });
      this.last = item.cursor as string;
    }
    feed.close();
    for (const id of this.rooms) {
      const cursors = this.roomCursors.get(id) as string[];
      const feed = await this.person.watch(id, cursors.at(-1) ?? null);
      for (const item of await untilReady(feed)) cursors.push(item.cursor as string);
      feed.close();
    }
  }

  /** Resumes at every position since the start, and must receive the following items, each once. */
  async resumesExactly(): Promise<void> {
    const texts = this.inbox.map(({ text }) => text);
    await Promise.all(
      this.cursors.map(async (cursor, place) => {
        const got = await backlog(await this.person.watchInbox(cursor));
        expect(got.sort(), `the inbox from place ${place}`).toEqual(texts.slice(place).sort());
      }),
    );
    for (const [id, cursors] of this.roomCursors) await this.resumesRoomExactly(id, cursors);
  }

  private async resumesRoomExactly(id: string, cursors: readonly string[]): Promise<void> {
    const texts = this.inbox.filter(({ roomId }) => roomId === id).map(({ text }) => text);
    await Promise.all(
      cursors.map(async (cursor, place) => {
        const got = await backlog(await this.person.watch(id, cursor));
        expect(got, `room ${id} from place ${place}`).toEqual(texts.slice(place));
      }),
    );
  }

  /** Nothing that it holds is taken for a position in these data. */
  async isForeignTo(person: Person): Promise<void> {
    const page = 'query ($after: String) { inboxEvents(after: $after) { nodes { __typename } } }';
    await Promise.all(
      this.cursors.map(async (after) => {
        await isToldToResync(await person.watchInbox(after));
        const { errors } = await person.ask(page, { after });
        expect(errors[0]?.extensions.code).toBe('CURSOR_FOREIGN');
      }),
    );
    const places = [...this.roomCursors].flatMap(([id, cursors]) =>
      cursors.map((cursor) => ({ id, cursor })),
    );
    await Promise.all(places.map(async ({ id, cursor }) => isToldToResync(await person.watch(id, cursor))));
  }
}

const textOf = (item: { message?: { text: string } } | { [name: string]: any }): string =>
  item['message']?.text ?? '';

async function untilReady(feed: Feed) {
  await feed.next('StreamReady');
  return feed.items.filter(({ roomSeq }) => roomSeq !== undefined);
}

async function backlog(feed: Feed): Promise<string[]> {
  const texts = (await untilReady(feed)).map(textOf);
  feed.close();
  return texts;
}

async function isToldToResync(feed: Feed): Promise<void> {
  expect(await feed.next()).toMatchObject({ __typename: 'ResyncRequired', resyncReason: 'CURSOR_FOREIGN' });
  feed.close();
}

let posted = 0;
/** A few posts, spread over the rooms. */
async function postSome(person: Person, rooms: readonly string[], count = 5): Promise<number> {
  for (let i = 0; i < count; i++) await person.say(rooms[i % rooms.length] as string, `text ${++posted}`);
  return count;
}

const undo: (() => unknown)[] = [];
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** A separate server, with its own transaction numbers. */
async function startServer(): Promise<EmbeddedPostgres> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'parley-test-'));
  chmodSync(dataDir, 0o711); // as root, PostgreSQL runs as another user, which has to enter it
  undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const server = await startPostgres(dataDir);
  undo.push(() => server.stop());
  return server;
}

async function startOn(databaseUrl: string): Promise<TestNode> {
  const node = await startNode({ databaseUrl });
  undo.push(() => node.kill());
  return node;
}

async function makeDatabase(server: EmbeddedPostgres, name: string): Promise<string> {
  const url = withDatabase(server.url, name);
  await execute(server.superuserUrl, `CREATE DATABASE ${name} OWNER ${NODE_ROLE}`);
  await migrate(url);
  return url;
}

describe('a dump', () => {
  let ada: Person;
  let bob: Person;
  let rooms: string[];
  let witness: Witness;
  let dump: Dump;
  const servers = {} as Record<'younger' | 'older', EmbeddedPostgres>;

  beforeAll(async () => {
    const origin = await startServer();
    await spendTransactions(origin.url, 20_000);
    servers.younger = await startServer();
    servers.older = await startServer();
    await spendTransactions(servers.older.url, 80_000);

    const node = await startOn(origin.url);
    ({ ada, bob } = await signUpAll(node, 'ada', 'bob'));
    rooms = [await ada.createRoom('one'), await ada.createRoom('two'), await ada.createRoom('three')];
    for (const id of rooms) await bob.join(id);
    witness = new Witness(bob, rooms);
    await witness.begin();
    await witness.receive(await postSome(ada, rooms, 12));
    await witness.resumesExactly();
    dump = await dumpDatabase(origin.url);
    // Positions after the dump: later posts get the same numbers.
    await witness.receive(await postSome(ada, rooms, 4));
  }, 180_000);

  test.each([
    ['younger', 'rotated'],
    ['younger', 'as it is'],
    ['older', 'rotated'],
    ['older', 'as it is'],
  ] as const)('in a %s server, %s, resumes are exact', async (age, how) => {
    const url = await makeDatabase(servers[age], how === 'rotated' ? 'rotated' : 'plain');
    await restoreDump(url, dump);
    if (how === 'rotated')
      expect((await runAdmin(['rotate-epoch'], { env: { DATABASE_URL: url } })).code).toBe(0);
    const node = await startOn(url);
    await witness.isForeignTo(bob.via(node));

    const afterwards = new Witness(bob.via(node), rooms);
    await afterwards.begin();
    await afterwards.resumesExactly(); // at a place that has nothing behind it
    await afterwards.receive(await postSome(ada.via(node), rooms));
    await afterwards.receive(await postSome(ada.via(node), rooms));
    await afterwards.resumesExactly();
    expect(await node.stop()).toBe(0);

    const again = await startOn(url);
    afterwards.moveTo(bob.via(again));
    await afterwards.receive(await postSome(ada.via(again), rooms));
    await afterwards.resumesExactly();
  });
});

describe('a copy beside the original', () => {
  let original: string;
  let copy: string;
  let ada: Person;
  let bob: Person;
  let rooms: string[];
  let witness: Witness;

  beforeAll(async () => {
    const database = await createDatabase();
    original = database.url;
    copy = withDatabase(original, `${nameOf(original)}_copy`);
    undo.push(() => database.drop());
    const server = withDatabase(database.superuserUrl, 'postgres');
    undo.push(() => execute(server, `DROP DATABASE IF EXISTS ${nameOf(copy)} WITH (FORCE)`));
    const node = await startOn(original);
    ({ ada, bob } = await signUpAll(node, 'ada', 'bob'));
    rooms = [await ada.createRoom('one'), await ada.createRoom('two')];
    for (const id of rooms) await bob.join(id);
    witness = new Witness(bob, rooms);
    await witness.begin();
    await witness.receive(await postSome(ada, rooms));
    expect(await node.stop()).toBe(0);
    await execute(server, `CREATE DATABASE ${nameOf(copy)} TEMPLATE ${nameOf(original)} OWNER ${NODE_ROLE}`);
  });

  const nameOf = (url: string) => new URL(url).pathname.slice(1);

  test('has positions of its own, and the original keeps its', async () => {
    const beside = await startOn(copy);
    await witness.isForeignTo(bob.via(beside));
    const there = new Witness(bob.via(beside), rooms);
    await there.begin();
    await there.receive(await postSome(ada.via(beside), rooms));
    await there.resumesExactly();
    await beside.stop();

    const node = await startOn(original);
    await there.isForeignTo(bob.via(node));
    witness.moveTo(bob.via(node));
    await witness.receive(await postSome(ada.via(node), rooms));
    await witness.resumesExactly();
    await node.stop();
  });

  test('with numbers that the server has yet to give out, begins a new epoch', {
    timeout: 120_000,
  }, async () => {
    // As after a restore of some tables only.
    await execute(
      original,
      'UPDATE room_heads SET last_stamp = last_stamp + 1000000, top_stamp = top_stamp + 1000000',
    );
    await execute(original, 'UPDATE room_events SET stamp = stamp + 1000000');
    const node = await startOn(original);
    await witness.isForeignTo(bob.via(node));
    const afterwards = new Witness(bob.via(node), rooms);
    await afterwards.begin();
    await afterwards.receive(await postSome(ada.via(node), rooms));
    await afterwards.resumesExactly();
  });
});
