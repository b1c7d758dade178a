import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { FULL_SET, RoomLocations, shareLocation, stopLocation } from '../packages/client/src/locations.ts';
import { MAX_LIVE_SHOWN } from '../src/locations/live.ts';
import { MAX_LIVE, MAX_LIVE_OF_AUTHOR, MAX_LOCATION_LABEL, MIN_LIVE } from '../src/locations/location.ts';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { type Feed, openFeed } from './harness/feed.ts';
import { openLink } from './harness/link.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUpAll } from './harness/people.ts';
import { Device } from './harness/sdk.ts';

let database: TestDatabase;
let node: TestNode;
let far: TestNode;
let people: Record<'ada' | 'bob' | 'cyd', Person>;
let roomId: string;

beforeAll(async () => {
  database = await createDatabase();
  const options = { databaseUrl: database.url, redisUrl: inject('redisUrl') };
  [node, far] = await Promise.all([startNode(options), startNode(options)]);
  people = await signUpAll(node, 'ada', 'bob', 'cyd');
  roomId = await people.ada.createRoom('the hall');
  await people.bob.join(roomId);
});

afterAll(async () => {
  await Promise.all([node?.stop(), far?.stop()]);
  await database?.drop();
});

const LOCATION = `location { latitude longitude accuracyMeters label live { endsAt endedAt isActive
  position { latitude longitude accuracyMeters heading speedMetersPerSecond at } } }`;
const STREAM = `subscription ($id: ID!) { room(id: $id, include: [LOCATIONS]) { __typename
  ... on MessageCreated { message { id ${LOCATION} } } ... on MessageDeleted { message { id ${LOCATION} } }
  ... on LiveLocationEnded { actor { id } message { id ${LOCATION} } }
  ... on LiveLocationsChanged { locations { messageId ${LOCATION} } } } }`;

const watch = (by: Person, at: TestNode): Promise<Feed> =>
  openFeed(at.wsUrl, by.token, STREAM, { id: roomId }, 'room');

const share = (location: object, more: object = {}, by = people.ada) =>
  by.change(
    'sendMessage',
    { roomId, text: 'here', idempotencyKey: randomUUID(), location, ...more },
    `replayed message { id text sentAt expiresAt ${LOCATION} }`,
  );

const move = (by: Person, messageId: string, position: object) =>
  by.change('moveLiveLocation', { messageId, position }, 'messageId');
const stop = (by: Person, messageId: string) =>
  by.change('stopLiveLocation', { messageId }, `roomSeq message { ${LOCATION} }`);

async function locationFor(person: Person, id: string) {
  const query = `query ($id: ID!) { node(id: $id) { ... on Message { ${LOCATION} } } }`;
  return (await person.ask(query, { id })).data.node?.location ?? null;
}

const place = { latitude: 52.5200066, longitude: -13.4049544, accuracyMeters: 12.5, label: ' The tower ' };

/** The next state of the live locations in which that holds. */
async function until(feed: Feed, holds: (locations: any[]) => boolean): Promise<any[]> {
  for (;;) {
    const { locations } = await feed.next('LiveLocationsChanged');
    if (holds(locations)) return locations;
  }
}

test('the client package knows how many live locations one item has', () => {
  expect(FULL_SET).toBe(MAX_LIVE_SHOWN);
});

test('a location is part of its message, in reads and in events', async () => {
  const feed = await watch(people.bob, far);
  await feed.next('StreamReady');
  const idempotencyKey = randomUUID();
  const { message } = await share(place, { idempotencyKey });
  const shown = {
    latitude: 52.520007,
    longitude: -13.404954,
    accuracyMeters: 12.5,
    label: 'The tower',
    live: null,
  };
  expect(message).toMatchObject({ text: 'here', location: shown });
  expect((await feed.next('MessageCreated')).message).toEqual({ id: message.id, location: shown });
  expect(await locationFor(people.bob, message.id)).toEqual(shown);
  expect(await locationFor(people.cyd, message.id)).toBeNull();
  expect(await share(place, { idempotencyKey })).toMatchObject({
    replayed: true,
    message: { location: shown },
  });
  expect(await share({ ...place, longitude: 0 }, { idempotencyKey })).toMatchObject({
    code: 'IDEMPOTENCY_CONFLICT',
  });
  await people.ada.change('deleteMessage', { messageId: message.id });
  expect((await feed.next('MessageDeleted')).message).toEqual({ id: message.id, location: null });
  expect(await locationFor(people.bob, message.id)).toBeNull();
  const rows = await queryRows(database.url, 'SELECT FROM message_locations');
  expect(rows).toEqual([]);
  feed.close();
});

test.each([
  ['latitude', { latitude: 90.1 }],
  ['longitude', { longitude: -180.1 }],
  ['accuracyMeters', { accuracyMeters: -1 }],
  ['label', { label: 'x'.repeat(MAX_LOCATION_LABEL + 1) }],
  ['label', { label: 'a\u0000b' }],
  ['liveForSeconds', { liveForSeconds: MIN_LIVE - 1 }],
  ['liveForSeconds', { liveForSeconds: MAX_LIVE + 1 }],
])('a wrong %s is refused', async (field, wrong) => {
  expect(await share({ ...place, ...wrong })).toMatchObject({
    code: 'VALIDATION',
    path: ['input', 'location', field],
  });
});

test('a live location moves without events, and everybody who watches sees the last position', async () => {
  const { ada, bob, cyd } = people;
  const feed = await watch(bob, far);
  await feed.next('StreamReady');
  const { message } = await share({ ...place, liveForSeconds: MIN_LIVE });
  const { id, sentAt } = message;
  const endsAt = new Date(Date.parse(sentAt) + MIN_LIVE * 1_000).toISOString();
  expect(message.location.live).toEqual({ endsAt, endedAt: null, isActive: true, position: null });
  const position = {
    latitude: 1.5,
    longitude: 2.5,
    accuracyMeters: 3,
    heading: 90,
    speedMetersPerSecond: 1.25,
  };
  expect(await move(ada, id, position)).toMatchObject({ messageId: id });
  const [moved] = await until(feed, ([first]) => first?.location.live.position);
  expect(moved).toMatchObject({ messageId: id, location: { live: { isActive: true, position } } });
  expect((await locationFor(bob, id)).live.position).toMatchObject(position);
  const late = await watch(bob, node);
  expect((await until(late, ([first]) => first))[0].location.live.position).toMatchObject(position);

  expect(await move(bob, id, position)).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await move(cyd, id, position)).toMatchObject({ code: 'NOT_FOUND' });
  expect(await stop(bob, id)).toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await move(ada, id, { ...position, heading: 361 })).toMatchObject({
    code: 'VALIDATION',
    path: ['input', 'position', 'heading'],
  });

  const stopped = await stop(ada, id);
  expect(stopped.message.location.live).toMatchObject({ isActive: false, position });
  const ended = await feed.next('LiveLocationEnded');
  expect(ended).toMatchObject({ actor: { id: ada.userId }, message: stopped.message });
  expect((await stop(ada, id)).roomSeq).toBe(stopped.roomSeq);
  expect(await move(ada, id, position)).toMatchObject({ code: 'CONFLICT' });
  await until(late, (locations) => locations.length === 0);
  const events = await queryRows<{ kind: number; facts: object | null }>(
    database.url,
    'SELECT kind, facts FROM room_events WHERE room_id = $1 AND subject = $2 ORDER BY room_seq',
    id.split('_').slice(1).map(Number),
  );
  expect(events).toEqual([
    { kind: 5, facts: null },
    { kind: 23, facts: null },
  ]);
  for (const each of [feed, late]) each.close();
});

test('a live location ends at its time, and with its message', async () => {
  const { ada, bob } = people;
  const feed = await watch(bob, far);
  await feed.next('StreamReady');
  const [over, deleted] = [
    await share({ ...place, liveForSeconds: 600 }),
    await share({ ...place, liveForSeconds: 600 }),
  ].map(({ message }) => message);
  const [room, seq] = over.id.split('_').slice(1);
  await execute(
    database.url,
    `UPDATE message_locations SET ends_at = now() - interval '1 second' WHERE room_id = ${room} AND room_seq = ${seq}`,
  );
  // Refused at once, also before the job has run.
  expect(await move(ada, over.id, { latitude: 1, longitude: 2 })).toMatchObject({ code: 'CONFLICT' });
  const [job] = await queryRows<{ id: string }>(
    database.url,
    `SELECT id::text FROM jobs._private_jobs WHERE payload ->> 'roomSeq' = $1 AND payload ->> 'roomId' = $2`,
    [seq, room],
  );
  await execute(database.url, `SELECT jobs.reschedule_jobs(ARRAY[${job?.id}], run_at => now())`);
  const ended = await feed.next('LiveLocationEnded');
  expect(ended).toMatchObject({
    actor: null,
    message: { id: over.id, location: { live: { isActive: false } } },
  });
  expect(ended['message'].location.live.endedAt).toBe(ended['message'].location.live.endsAt);

  await ada.change('deleteMessage', { messageId: deleted.id });
  await until(feed, (locations) => locations.length === 0);
  expect(await move(ada, deleted.id, { latitude: 1, longitude: 2 })).toMatchObject({ code: 'NOT_FOUND' });
  expect(await stop(ada, deleted.id)).toMatchObject({ code: 'NOT_FOUND' });
  feed.close();
});

test('a message can expire before the others of its room, with its location', async () => {
  const { ada, bob } = people;
  const own = await share({ ...place, liveForSeconds: 600 }, { expiresInSeconds: 6_000 });
  const { sentAt, expiresAt } = own.message;
  expect(Date.parse(expiresAt) - Date.parse(sentAt)).toBe(6_000_000);
  const field = ['input', 'expiresInSeconds'];
  expect(await share(place, { expiresInSeconds: 4 })).toMatchObject({ code: 'VALIDATION', path: field });
  await ada.change('updateRoom', { roomId, messageLifetimeSeconds: 3_000 });
  const [longer, shorter] = [
    await share(place, { expiresInSeconds: 6_000 }),
    await share(place, { expiresInSeconds: 1_000 }),
  ];
  await ada.change('updateRoom', { roomId, messageLifetimeSeconds: 0 });
  const lifetimes = [longer, shorter].map(
    ({ message }) => Date.parse(message.expiresAt) - Date.parse(message.sentAt),
  );
  expect(lifetimes).toEqual([3_000_000, 1_000_000]);
  const places = [own, longer, shorter].map(({ message }) => message.id.split('_')[2]);
  const stored = await queryRows<{ left: number }>(
    database.url,
    `SELECT extract(epoch FROM e.expires_at - m.created_at)::int AS left FROM message_expiries e JOIN messages m USING (room_id, room_seq)
     WHERE m.room_seq = ANY ($1::bigint[]) AND m.expires_at = e.expires_at ORDER BY m.room_seq`,
    [places],
  );
  expect(stored.map(({ left }) => left)).toEqual([6_000, 3_000, 1_000]);

  await execute(
    database.url,
    `UPDATE messages SET expires_at = now() - interval '1 second' WHERE room_seq = ${places[0]}`,
  );
  expect(await locationFor(bob, own.message.id)).toBeNull();
  const feed = await watch(bob, far);
  expect(await until(feed, () => true)).toEqual([]);
  expect(await move(ada, own.message.id, { latitude: 1, longitude: 2 })).toMatchObject({ code: 'NOT_FOUND' });
  feed.close();
});

test('leaving the room ends what is shared, and an author shares few at once', async () => {
  const { ada, bob } = people;
  const feed = await watch(ada, far);
  await feed.next('StreamReady');
  const shared = [];
  for (let i = 0; i < MAX_LIVE_OF_AUTHOR; i++)
    shared.push((await share({ ...place, liveForSeconds: 600 }, {}, bob)).message);
  expect(await share({ ...place, liveForSeconds: 600 }, {}, bob)).toMatchObject({ code: 'CONFLICT' });
  const others = await Promise.all([1, 2, 3, 4, 5].map(() => share({ ...place, liveForSeconds: 600 })));
  expect(others.filter(({ code }) => code === 'CONFLICT')).toHaveLength(5 - MAX_LIVE_OF_AUTHOR);
  await until(feed, (locations) => locations.length === 2 * MAX_LIVE_OF_AUTHOR);
  await bob.change('leaveRoom', { roomId });
  const left = await until(feed, (locations) => locations.length === MAX_LIVE_OF_AUTHOR);
  expect(left.map(({ messageId }) => messageId)).not.toContain(shared[0].id);
  expect((await locationFor(ada, shared[0].id)).live.isActive).toBe(false);
  await bob.join(roomId);
  for (const { message } of others.filter(({ message }) => message)) await stop(ada, message.id);
  feed.close();
});

test('a member whose history begins later is not shown what was shared before', async () => {
  const { ada, cyd } = people;
  const { message } = await share({ ...place, liveForSeconds: 600 });
  await cyd.join(roomId);
  const [room, seq] = message.id.split('_').slice(1).map(Number);
  await execute(
    database.url,
    `UPDATE memberships SET visible_from_room_seq = ${seq} + 1, visible_from_seq = (SELECT seq + 1 FROM messages WHERE room_id = ${room} AND room_seq = ${seq})
     WHERE room_id = ${room} AND user_id = ${cyd.userId.split('_')[1]}`,
  );
  const [all, some] = [await watch(ada, node), await watch(cyd, node)];
  expect((await until(all, () => true)).map(({ messageId }) => messageId)).toEqual([message.id]);
  expect(await until(some, () => true)).toEqual([]);
  await stop(ada, message.id);
  for (const each of [all, some]) each.close();
});

test('the client shares a location and follows those of a room', async () => {
  const [mine, theirs] = [new Device(node.url), new Device(far.url)];
  await mine.signIn(people.ada);
  await theirs.signIn(people.bob);
  const locations = new RoomLocations(theirs.client, roomId);
  const id = await shareLocation(mine.client, roomId, { ...place, liveForSeconds: 600 });
  const { label: _label, ...unnamed } = place;
  const hidden = await shareLocation(mine.client, roomId, unnamed, { text: 'My location' });
  const query = 'query ($id: ID!) { node(id: $id) { ... on Message { text } } }';
  expect((await people.bob.ask(query, { id: hidden })).data.node.text).toBe('My location');
  locations.show([id]);
  const seen = locations.of(id);
  await expect.poll(() => seen.getSnapshot()).toMatchObject({ label: 'The tower', live: { isActive: true } });
  await move(people.ada, id, { latitude: 7, longitude: 8 });
  await expect.poll(() => seen.getSnapshot()?.live?.position).toMatchObject({ latitude: 7 });
  await stopLocation(mine.client, id);
  await expect.poll(() => seen.getSnapshot()?.live?.isActive).toBe(false);
  locations.close();
  for (const { client } of [mine, theirs]) await client.close();
});

test('the client reads again what it could not follow', async () => {
  const { ada, bob } = people;
  const link = await openLink(node.url);
  // What is read goes another way than the connection, which is silent from now on.
  const device = new Device(link.url, { fetch: (_, init) => fetch(node.url, init) });
  await device.signIn(bob);
  const { message } = await share(place);
  link.silence();
  const locations = new RoomLocations(device.client, roomId);
  locations.show([message.id]);
  const seen = locations.of(message.id);
  await expect.poll(() => seen.getSnapshot()).toMatchObject({ label: 'The tower' });
  await ada.change('deleteMessage', { messageId: message.id });
  link.restore();
  link.cut();
  await expect.poll(() => seen.getSnapshot()).toBeNull();
  locations.close();
  await device.client.close();
  link.close();
});
