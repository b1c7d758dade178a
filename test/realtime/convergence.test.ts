import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { buildSchema, type GraphQLObjectType, parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RoomFacts, Snapshot, State } from '../../packages/client/src/reducer.ts';
import { createEventRegistry } from '../../src/capabilities.ts';
import { capabilityCases, storedRows } from '../capabilities/all.ts';
import { createDatabase, execute, type TestDatabase } from '../harness/database.ts';
import { eventCauses } from '../harness/event-causes.ts';
import { Follower, inboxSnapshot, replay } from '../harness/follower.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { type Redis, startRedis } from '../harness/redis.ts';
import { setScene } from '../harness/scene.ts';
import { answered, comparable, depthsOf, notCompared } from './convergence/compare.ts';
import { drawMutation, mutations, reasons } from './convergence/mutations.ts';
import { Random } from './convergence/random.ts';
import type { Outcome } from './convergence/row.ts';
import { type Player, World } from './convergence/world.ts';

// A snapshot and the events after it are what a fresh snapshot says: for every viewer, after everything that anybody can
// do, whoever was cut off meanwhile. `npm run convergence` takes longer, CONVERGENCE_STEPS=50000 as long as you like;
// CONVERGENCE_SEED=… makes the same choices again.

const STEPS = 40;
const isLong = process.env['npm_lifecycle_event'] === 'convergence' || 'CONVERGENCE_STEPS' in process.env;
const sequences = Math.ceil(Number(process.env['CONVERGENCE_STEPS'] ?? (isLong ? 10_000 : 200)) / STEPS);
const seed = Number(process.env['CONVERGENCE_SEED'] ?? Date.now() % 1_000_000_000);
const NAMES = ['ada', 'bob', 'cyd', 'dan', 'eve'];

let database: TestDatabase;
let redis: Redis;
let nodes: TestNode[];

beforeAll(async () => {
  [database, redis] = await Promise.all([createDatabase(), startRedis()]);
  for (const rows of storedRows) await execute(database.url, rows);
  const env = {
    COST_PER_SECOND: '1000000000',
    COST_BURST: '1000000000',
    POSTS_PER_SECOND: '10000',
    CHANGES_PER_SECOND: '10000',
    LOGINS_PER_MINUTE: '100000',
    REGISTRATIONS_PER_HOUR: '100000',
    ACCESS_TOKEN_TTL_SECONDS: '86400',
    // Their cursors are as good as any.
    HEARTBEAT_SECONDS: '1',
  };
  const options = { databaseUrl: database.url, redisUrl: redis.url, env };
  nodes = await Promise.all([startNode(options), startNode(options)]);
});

afterAll(async () => {
  await Promise.all(nodes?.map((node) => node.stop()) ?? []);
  await redis?.stop();
  await database?.drop();
});

// -- waiting, and comparing ----------------------------------------------------------------------

type Numbers =
  | 'viewerReadSeq'
  | 'viewerUnreadCount'
  | 'viewerUnreadMentionCount'
  | 'viewerIsPinned'
  | 'viewerIsHidden'
  | 'viewerMutedUntil'
  | 'viewerFolder'
  | 'viewerSharesReceipts';

/** With the numbers of the viewer: what moves them need not be an event of the room. */
const headsOf = (rooms: Iterable<Pick<RoomFacts, 'id' | 'lastRoomSeq' | Numbers>>) =>
  Object.fromEntries(
    [...rooms].map(
      ({
        id,
        lastRoomSeq,
        viewerReadSeq,
        viewerUnreadCount,
        viewerUnreadMentionCount,
        viewerIsPinned,
        viewerIsHidden,
        viewerMutedUntil,
        viewerFolder,
        viewerSharesReceipts,
      }) => [
        id,
        [
          lastRoomSeq,
          viewerReadSeq,
          viewerUnreadCount,
          viewerUnreadMentionCount,
          viewerIsPinned,
          viewerIsHidden,
          viewerMutedUntil,
          viewerFolder,
          viewerSharesReceipts,
        ],
      ],
    ),
  );

/** The stream of one room does not show the viewer's numbers. */
const withoutNumbers = <Room extends Pick<RoomFacts, Numbers>>(room: Room): Room => ({
  ...room,
  viewerReadSeq: null,
  viewerUnreadCount: null,
  viewerUnreadMentionCount: null,
  viewerIsPinned: null,
  viewerIsHidden: null,
  viewerMutedUntil: null,
  viewerFolder: null,
  viewerSharesReceipts: null,
});

/** Waits until the fold stands where the snapshot does. Then they are the same. */
async function expectSame(follower: Follower, { rooms }: Snapshot): Promise<void> {
  const isInbox = follower.roomId === null;
  const shown = isInbox ? rooms : rooms.filter(({ id }) => id === follower.roomId).map(withoutNumbers);
  const heads = headsOf(shown);
  const foldedRooms = (state: State) =>
    isInbox ? Object.values(state.rooms) : Object.values(state.rooms).map(withoutNumbers);
  const folded = (state: State) => headsOf(foldedRooms(state));
  await follower.reaches(
    (state) => isDeepStrictEqual(folded(state), heads),
    () => `the fold is at ${JSON.stringify(folded(follower.state))}, a snapshot at ${JSON.stringify(heads)}`,
  );
  const answers = answered(follower.state, depthsOf(shown));
  expect(comparable(isInbox ? answers : answers.map(withoutNumbers))).toEqual(comparable(shown));
}

/** Nothing happens meanwhile. Those who are away are not asked. */
async function expectConverged(world: World): Promise<void> {
  const present = world.players.filter(({ inbox }) => inbox.isOnline);
  await Promise.all(
    present.map(async ({ person, inbox, room }) => {
      const snapshot = await inboxSnapshot(person.via(world.node()));
      await expectSame(inbox, snapshot);
      if (room?.isOnline) await expectSame(room, snapshot);
    }),
  );
}

/** A stream that has passed the number in an answer shows what was done; so that number is not beyond the room's last. */
function expectCovered({ players }: World, outcomes: readonly Outcome[]): void {
  for (const { roomId = '', roomSeq = 0 } of outcomes) {
    const seen = players.flatMap(({ inbox }) =>
      inbox.isOnline ? (inbox.state.rooms[roomId]?.lastRoomSeq ?? []) : [],
    );
    for (const lastRoomSeq of seen) expect(lastRoomSeq).toBeGreaterThanOrEqual(roomSeq);
  }
}

// -- what happens --------------------------------------------------------------------------------

type Tally = Map<string, number>;
const count = (tally: Tally, what: string, by = 1) => tally.set(what, (tally.get(what) ?? 0) + by);

async function act(world: World, tally: Tally): Promise<Outcome> {
  const name = drawMutation(world);
  const actor = world.random.pick(world.players);
  const outcome = await mutations.get(name)?.play(world, actor, actor.person.via(world.node()));
  if (!outcome) throw new Error(`${name} has no row`);
  count(tally, `${name} ${outcome.__typename.replace(/^.*Success$/, 'done')}`);
  return outcome;
}

async function goAway(world: World, player: Player, step: number): Promise<void> {
  player.offlineUntil = step + 1 + world.random.int(world.random.chance(0.2) ? 15 : 4);
  await Promise.all([player.inbox.cut(), player.room?.cut()]);
}

async function comeBack(world: World, { person, inbox, room }: Player): Promise<void> {
  const { random } = world;
  const there = person.via(world.node());
  const how = { back: random.chance(0.3) ? random.int(15) : 0, byPages: random.chance(0.3) };
  await Promise.all([
    inbox.resume(there, how),
    room?.resume(person.via(world.node()), { ...how, byPages: false }),
  ]);
}

/** From another device, while this one is away: its continuity is broken, where it had the room. */
async function leaveAndJoin(world: World, actor: Player): Promise<void> {
  const roomId = world.roomId(actor);
  for (const name of ['leaveRoom', 'joinRoom']) await actor.person.via(world.node()).change(name, { roomId });
}

async function watchARoom(world: World, player: Player): Promise<void> {
  const id = world.random.some(Object.keys(player.inbox.state.rooms));
  await player.room?.cut();
  player.room = id ? await Follower.ofRoom(player.person.via(world.node()), id) : null;
}

/** One or several things at once, on both nodes; sometimes somebody begins anew in the midst of them. */
async function live(world: World, step: number, tally: Tally): Promise<Outcome[]> {
  const { random, players } = world;
  for (const player of players)
    if (!player.inbox.isOnline && player.offlineUntil <= step) await comeBack(world, player);
  const here = players.filter(({ inbox }) => inbox.isOnline);
  if (here.length > 2 && random.chance(0.3)) await goAway(world, random.pick(here), step);
  if (random.chance(0.1)) await watchARoom(world, random.pick(here.filter(({ inbox }) => inbox.isOnline)));
  const away = random.some(players.filter(({ inbox }) => !inbox.isOnline));
  if (away && random.chance(0.1)) await leaveAndJoin(world, away);
  const atOnce = random.chance(0.3) ? 2 + random.int(4) : 1;
  const anew = random.chance(0.1) ? random.some(players.filter(({ inbox }) => inbox.isOnline)) : undefined;
  count(tally, 'begun anew in the midst', anew ? 1 : 0);
  const acts = Array.from({ length: atOnce }, () => act(world, tally));
  await Promise.all([...acts, anew?.inbox.startOver(anew.person.via(world.node()))]);
  return Promise.all(acts);
}

async function sequence(seedOfIt: number, tally: Tally): Promise<void> {
  const world = new World(new Random(seedOfIt), nodes);
  await world.signUp(NAMES, (person) => Follower.ofInbox(person));
  await world.furnish();
  for (let step = 0; step < STEPS; step++) {
    const outcomes = await live(world, step, tally);
    await expectConverged(world);
    expectCovered(world, outcomes);
    count(tally, 'steps');
  }
  for (const player of world.players) if (!player.inbox.isOnline) await comeBack(world, player);
  await expectConverged(world);
  for (const { inbox, room } of world.players) {
    for (const follower of room ? [inbox, room] : [inbox]) {
      await follower.cut();
      for (const [what, times] of Object.entries(follower.counts)) count(tally, what, times);
    }
  }
}

test(
  `whatever happens, a snapshot and what follows is a fresh snapshot (CONVERGENCE_SEED=${seed}, ${sequences} times ${STEPS} steps)`,
  async () => {
    const tally: Tally = new Map();
    for (let i = 0; i < sequences; i++) {
      await sequence(seed + i, tally).catch((error: Error) => {
        error.message = `CONVERGENCE_SEED=${seed + i} CONVERGENCE_STEPS=${STEPS}, step ${tally.get('steps')}: ${error.message}`;
        throw error;
      });
    }
    if (isLong) console.log(Object.fromEntries([...tally].sort(([a], [b]) => (a < b ? -1 : 1))));
  },
  60_000 + sequences * 30_000,
);

// -- nothing is left out ---------------------------------------------------------------------------

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const registry = createEventRegistry();

describe('nothing is left out', () => {
  test('every mutation is in the table, or a reason why not', () => {
    const known = [...mutations.keys(), ...reasons.keys()];
    expect(known.toSorted()).toEqual(Object.keys(schema.getMutationType()?.getFields() ?? {}).toSorted());
  });

  test('a snapshot asks for every field, or there is a reason why not', () => {
    const asked = new Set(Object.keys(notCompared));
    const types = new TypeInfo(schema);
    const documents = parse(readFileSync('packages/client/src/documents/inbox.graphql', 'utf8'));
    const Field = () => void asked.add(`${types.getParentType()?.name}.${types.getFieldDef()?.name}`);
    visit(documents, visitWithTypeInfo(types, { Field }));
    const all = ['Viewer', 'User', 'Room', 'RoomMembership', 'Message'].flatMap((name) =>
      Object.keys((schema.getType(name) as GraphQLObjectType).getFields()).map((field) => `${name}.${field}`),
    );
    expect(all.filter((field) => !asked.has(field))).toEqual([]);
    expect(Object.keys(notCompared).filter((field) => !all.includes(field))).toEqual([]);
  });

  test('every kind of event is caused, by what test/harness/event-causes.ts says', () => {
    const kinds = [...registry.roomKinds, ...registry.accountKinds].map(({ name }) => name);
    expect(Object.keys(eventCauses).toSorted()).toEqual(kinds.toSorted());
  });

  // A comparison that cannot fail proves nothing.
  test('without any one kind of event, the fold is something else', async () => {
    const world = new World(new Random(1), nodes);
    await world.signUp(['ada', 'bob'], (person) => Follower.ofInbox(person));
    const [ada, bob] = world.players as [Player, Player];
    const history: { upTo: number; snapshot: Snapshot }[] = [];
    const look = async () => {
      const snapshot = await inboxSnapshot(bob.person);
      await expectSame(bob.inbox, snapshot);
      history.push({ upTo: bob.inbox.history.length, snapshot });
    };
    const scene = await setScene(ada.person, bob.person);
    for (const cause of Object.values(eventCauses)) {
      await cause(scene);
      await look();
    }
    // The room's last word says enough for the fold; the own log says it again a moment later.
    const losses = () =>
      bob.inbox.history.filter((step) => step.kind === 'item' && step.item.__typename === 'RoomAccessLost')
        .length;
    await expect.poll(losses).toBe(2);
    await look();
    for (const { inbox } of world.players) await inbox.cut();

    const told = [...registry.roomKinds, ...registry.accountKinds].map(({ name }) => name);
    // Whoever is there is told of the end of a room twice; to those who were away the loss is all that is said.
    const twice = ['RoomAccessLost', 'RoomDeleted'];
    // Their changes are not part of the fold.
    const beside = ['ThreadStateChanged', ...capabilityCases.flatMap((cases) => cases.unfolded ?? [])];
    const unnoticed = told.filter((kind) => !isNoticed(bob, [kind], history));
    expect(unnoticed.toSorted()).toEqual([...twice, ...beside].toSorted());
    expect(isNoticed(bob, twice, history)).toBe(true);
  });
});

function isNoticed(
  { inbox }: Player,
  leftOut: readonly string[],
  history: readonly { upTo: number; snapshot: Snapshot }[],
): boolean {
  const steps = inbox.history
    .map((step, at) => ({ step, at }))
    .filter(({ step }) => step.kind !== 'item' || !leftOut.includes(step.item.__typename));
  try {
    for (const { upTo, snapshot } of history) {
      const state = steps
        .filter(({ at }) => at < upTo)
        .reduce((before, { step }) => replay(before, step), {} as State);
      const { rooms } = snapshot;
      if (!isDeepStrictEqual(comparable(answered(state, depthsOf(rooms))), comparable(rooms))) return true;
    }
    return false;
  } catch {
    return true; // a gap in the numbers
  }
}
