import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, inject, test } from 'vitest';
import { migrate } from '../../src/platform/migrate.ts';
import { Postgres } from '../faults/postgres.ts';
import { createDatabase, execute, queryRows } from '../harness/database.ts';
import { dumpDatabase, restoreDump, spendTransactions } from '../harness/dump.ts';
import type { Feed } from '../harness/feed.ts';
import { numberIn } from '../harness/ids.ts';
import { type Link, openLink } from '../harness/link.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Person, signUpAll } from '../harness/people.ts';

// A database that has lost data: a restore in place, or a promoted standby without the last commits. Its numbers are
// assigned again, so clients that have seen them must be informed. Silence would be a loss.

const env = { HEAD_CHECK_MS: '200', HEARTBEAT_SECONDS: '1' };
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function nodeOn(
  databaseUrl: string,
  redisUrl?: string,
  more: Record<string, string> = {},
): Promise<TestNode> {
  const node = await startNode({ databaseUrl, env: { ...env, ...more }, ...(redisUrl && { redisUrl }) });
  undo.push(() => node.kill());
  return node;
}

async function freshDatabase(): Promise<string> {
  const database = await createDatabase();
  undo.push(() => database.drop());
  return database.url;
}

/** Bob follows a room and his inbox, and Ada writes. */
async function scene(node: TestNode) {
  const { ada, bob } = await signUpAll(node, 'ada', 'bob');
  const roomId = await ada.createRoom('a room');
  await bob.join(roomId);
  await ada.say(roomId, 'before');
  const feeds = await follow(bob, roomId);
  return { ada, bob, roomId, feeds };
}

async function follow(bob: Person, roomId: string): Promise<Feed[]> {
  const feeds = [await bob.watch(roomId), await bob.watchInbox()];
  for (const feed of feeds) await feed.next('StreamReady');
  return feeds;
}

const cursorsOf = (feeds: readonly Feed[]) => feeds.map(({ cursor }) => cursor);

async function areToldToResync(feeds: readonly Feed[]): Promise<void> {
  for (const feed of feeds) {
    expect(await feed.next('ResyncRequired')).toMatchObject({ resyncReason: 'CURSOR_FOREIGN' });
    feed.close();
  }
}

async function areForeign(bob: Person, roomId: string, [room, inbox]: readonly (string | null)[]) {
  await isForeign(() => bob.watch(roomId, room));
  await isForeign(() => bob.watchInbox(inbox));
}

/** While a node goes over to another server, it may refuse for a moment. */
async function isForeign(open: () => Promise<Feed>): Promise<void> {
  for (;;) {
    const feed = await open();
    const item = await feed.next();
    feed.close();
    if (item.__typename === 'StreamClosed' && item['retryable']) continue;
    return expect(item).toMatchObject({ __typename: 'ResyncRequired', resyncReason: 'CURSOR_FOREIGN' });
  }
}

/** After a new start Bob gets all later posts, also when he reconnects. */
async function startsAfresh(ada: Person, bob: Person, roomId: string) {
  const feeds = await follow(bob, roomId);
  await ada.say(roomId, 'afterwards');
  for (const feed of feeds) expect(await feed.texts(1)).toEqual(['afterwards']);
  const resumed = [await bob.watch(roomId, cursorsOf(feeds)[0]), await bob.watchInbox(cursorsOf(feeds)[1])];
  await ada.say(roomId, 'and more');
  for (const feed of [...feeds, ...resumed]) {
    expect(await feed.texts(1)).toEqual(['and more']);
    feed.close();
  }
}

/** Removes the newest event of a room, as if it had never been committed. */
const loseNewest = (roomId: string) => {
  const room = numberIn(roomId);
  return `
    DELETE FROM messages m USING room_heads h WHERE m.room_id = ${room} AND h.room_id = m.room_id AND m.room_seq = h.last_room_seq;
    DELETE FROM room_events e USING room_heads h WHERE e.room_id = ${room} AND h.room_id = e.room_id AND e.room_seq = h.last_room_seq;
    UPDATE room_heads SET last_room_seq = last_room_seq - 1, last_message_seq = last_message_seq - 1 WHERE room_id = ${room};`;
};

test('a head that went back ends the streams, and begins a new epoch', async () => {
  const url = await freshDatabase();
  const node = await nodeOn(url);
  const { ada, bob, roomId, feeds } = await scene(node);
  await ada.say(roomId, 'will be lost');
  for (const feed of feeds) await feed.texts(1);
  const cursors = cursorsOf(feeds);
  await execute(url, `BEGIN; ${loseNewest(roomId)} COMMIT`);
  await areToldToResync(feeds);
  await areForeign(bob, roomId, cursors);
  await startsAfresh(ada, bob, roomId);
});

test('an own log that went back does the same', async () => {
  const url = await freshDatabase();
  const node = await nodeOn(url);
  const { bob, ada, roomId, feeds } = await scene(node);
  const cursors = cursorsOf(feeds);
  const user = numberIn(bob.userId);
  await execute(
    url,
    `BEGIN;
     DELETE FROM account_events e USING account_heads h WHERE e.user_id = ${user} AND h.user_id = ${user} AND e.account_seq = h.last_account_seq;
     UPDATE account_heads SET last_account_seq = last_account_seq - 1 WHERE user_id = ${user};
     COMMIT`,
  );
  await areToldToResync(feeds);
  await areForeign(bob, roomId, cursors);
  await startsAfresh(ada, bob, roomId);
});

test('a dump restored in place ends the streams, also where its numbers have grown again', {
  timeout: 120_000,
}, async () => {
  const url = await freshDatabase();
  const node = await nodeOn(url);
  const { ada, bob, roomId, feeds } = await scene(node);
  const dump = await dumpDatabase(url);
  await ada.say(roomId, 'will be lost');
  for (const feed of feeds) await feed.texts(1);
  const cursors = cursorsOf(feeds);
  await restoreDump(url, dump);
  await Promise.all([1, 2, 3].map((n) => ada.say(roomId, `in its place ${n}`)));
  await areToldToResync(feeds);
  await areForeign(bob, roomId, cursors);
  await startsAfresh(ada, bob, roomId);
  expect(await node.stop()).toBe(0);
  await restoreDump(url, dump); // while no node could see it
  const again = await nodeOn(url);
  await areForeign(bob.via(again), roomId, cursors);
  await startsAfresh(ada.via(again), bob.via(again), roomId);
});

test('the epoch changes while a stream is being opened: it does not go on in the new one', {
  timeout: 120_000,
}, async () => {
  const url = await freshDatabase();
  const node = await nodeOn(url);
  const { ada, bob, roomId } = await scene(node);
  const { inboxCursor } = (await bob.ask('{ viewer { inboxCursor } }')).data.viewer;
  await ada.say(roomId, 'read after the cursor, and lost');

  // The opening has read the heads and waits for the log; meanwhile the data are replaced, and the node sees it.
  const lock = new pg.Client({ connectionString: url });
  await lock.connect();
  await lock.query('BEGIN; LOCK TABLE room_events');
  const opening = await bob.watchInbox(inboxCursor);
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%positions_at%'`;
  await expect.poll(async () => (await queryRows(url, waiting)).length).toBe(1);
  const room = numberIn(roomId);
  await execute(
    url,
    `BEGIN;
     UPDATE room_heads SET last_room_seq = last_room_seq - 1, last_message_seq = last_message_seq - 1 WHERE room_id = ${room};
     UPDATE incarnation SET epoch = gen_random_uuid();
     COMMIT`,
  );
  await node.logged(({ msg }) => msg.startsWith('the epoch of the data changed'));
  await lock.query(`DELETE FROM messages m USING room_heads h WHERE m.room_id = ${room} AND h.room_id = ${room} AND m.room_seq > h.last_room_seq;
    DELETE FROM room_events e USING room_heads h WHERE e.room_id = ${room} AND h.room_id = ${room} AND e.room_seq > h.last_room_seq; COMMIT`);
  await lock.end();

  const first = await opening.next();
  expect(['ResyncRequired', 'StreamClosed']).toContain(first.__typename);
  if (first.__typename === 'StreamClosed') expect(first).toMatchObject({ retryable: true });
  opening.close();
  await areToldToResync([await bob.watchInbox(inboxCursor)]);
  await startsAfresh(ada, bob, roomId);
});

/**
 * From now on the log reaches the disk only with the commits of clients. One of the processes would write the records of
 * rolled back transactions, the other one writes the next number every 15 s.
 */
async function holdLogWriters(server: Postgres): Promise<void> {
  const writers = await server.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE backend_type IN ('walwriter', 'background writer')`,
  );
  for (const { pid } of writers) process.kill(pid, 'SIGSTOP');
}

async function nextTransaction(server: Postgres): Promise<number> {
  const [found] = await server.query<{ next: string }>(
    'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next',
  );
  return Number(found?.next);
}

const UNLOGGED = 2_000;

/**
 * Spends numbers that are not on the disk, because their transactions are rolled back; snapshots count them as done. The
 * commit of somebody else puts them on the disk: then all is done once more. Returns the next number.
 */
async function spendUnlogged<Seen>(server: Postgres, see: () => Promise<Seen>) {
  for (;;) {
    await server.query(
      `DO $$ BEGIN FOR i IN 1..${UNLOGGED} LOOP PERFORM pg_current_xact_id(); ROLLBACK; END LOOP; END $$`,
    );
    const before = await nextTransaction(server);
    const seen = await see();
    if ((await nextTransaction(server)) === before) return { before, seen };
  }
}

describe('another server', () => {
  let folder: string;
  const servers: Postgres[] = [];

  afterAll(async () => {
    for (const server of servers) await server.stop();
    if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** A primary, as it was when the test began. */
  async function primary(): Promise<Postgres> {
    folder ??= mkdtempSync(path.join(tmpdir(), 'parley-back-'));
    chmodSync(folder, 0o711); // as root, PostgreSQL runs as another user
    const dataDir = path.join(folder, `server${servers.length}`);
    mkdirSync(dataDir, { mode: 0o711 });
    const server = await Postgres.start(dataDir);
    servers.push(server);
    await migrate(server.url);
    return server;
  }

  const dataDirOf = (server: Postgres) => path.join(folder, `server${servers.indexOf(server)}`);

  /** A copy of the current data, promoted like a standby: it has the same data, and its own timeline. */
  async function promoteCopyOf(server: Postgres): Promise<Postgres> {
    const dataDir = path.join(folder, `server${servers.length}`);
    await server.stopFast();
    execFileSync('cp', ['-a', dataDirOf(server), dataDir]);
    await server.startAgain();
    writeFileSync(path.join(dataDir, 'postgres/standby.signal'), '');
    const copy = await Postgres.start(dataDir);
    servers.push(copy);
    await copy.query('SELECT pg_promote()');
    return copy;
  }

  async function linkTo(server: Postgres): Promise<Link> {
    const link = await openLink(server.url);
    undo.push(() => link.close());
    return link;
  }

  /** Posts until it is stored: the server may only just have come back. */
  async function insist(person: Person, roomId: string, text: string): Promise<void> {
    const input = { roomId, text, idempotencyKey: randomUUID() };
    const post = async () => (await person.change('sendMessage', input)).__typename;
    await expect.poll(post).toBe('SendMessageSuccess');
  }

  test('a promoted standby without the last commits', async () => {
    const old = await primary();
    const link = await linkTo(old);
    const { ada, bob, roomId, feeds } = await scene(await nodeOn(link.url));
    const promoted = await promoteCopyOf(old);
    link.lead(old.url);
    await insist(ada, roomId, 'not on the standby');
    for (const feed of feeds) expect(await feed.texts(1)).toEqual(['not on the standby']);
    const cursors = cursorsOf(feeds);
    link.lead(promoted.url);
    link.cut();
    await insist(ada, roomId, 'in its place');
    await areToldToResync(feeds);
    await areForeign(bob, roomId, cursors);
    await startsAfresh(ada, bob, roomId);
  });

  test('an old primary that nobody shut down is left by its nodes', async () => {
    const old = await primary();
    const [left, right] = [await linkTo(old), await linkTo(old)];
    const redisUrl = inject('redisUrl');
    const { ada, bob, roomId, feeds } = await scene(await nodeOn(left.url, redisUrl));
    const other = await nodeOn(right.url, redisUrl);
    const promoted = await promoteCopyOf(old);
    for (const link of [left, right]) link.lead(old.url);
    await insist(ada, roomId, 'on the old one');
    await insist(ada.via(other), roomId, 'and again');
    for (const feed of feeds) await feed.texts(2);
    const cursors = cursorsOf(feeds);

    // The address leads to the new one, and the connections of one node still to the old one.
    for (const link of [left, right]) link.lead(promoted.url);
    right.cut();
    await insist(ada.via(other), roomId, 'on the new one');
    await areToldToResync(feeds);
    await areForeign(bob, roomId, cursors);
    await startsAfresh(ada.via(other), bob, roomId);
  });

  test('a crash that gives transaction numbers out again', async () => {
    const server = await primary();
    await holdLogWriters(server);
    const link = await linkTo(server);
    // A consumer that saved its position would put the numbers on the disk.
    const node = await nodeOn(link.url, undefined, { CONSUMER_POLL_MS: '60000' });
    const { ada, bob, roomId, feeds } = await scene(node);
    const [, inbox] = feeds as [Feed, Feed];
    const { before, seen: cursors } = await spendUnlogged(server, async () => {
      for (const _ of [1, 2]) await inbox.heartbeat();
      const bootstrap = '{ viewer { inboxCursor } inboxEvents { pageInfo { endCursor } } }';
      const { viewer, inboxEvents } = (await bob.ask(bootstrap)).data;
      return [inbox.cursor, viewer.inboxCursor, inboxEvents.pageInfo.endCursor];
    });
    for (const feed of feeds) feed.close();
    await server.stopImmediately();
    await server.startAgain();
    link.lead(server.url);
    expect(await nextTransaction(server)).toBeLessThan(before);

    const texts = ['one', 'two', 'three'];
    for (const text of texts) await insist(ada, roomId, text);
    expect(await nextTransaction(server)).toBeLessThan(before);
    await spendTransactions(server.url, 2 * UNLOGGED); // now a position from before the crash is not even ahead
    for (const cursor of cursors) {
      const feed = await bob.watchInbox(cursor);
      expect(await feed.texts(3)).toEqual(texts);
      feed.close();
    }
  });
});
