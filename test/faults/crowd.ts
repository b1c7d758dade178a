import { randomBytes } from 'node:crypto';
import { numberIn } from '../harness/ids.ts';
import { attempt, roomIdOf, userIdOf } from './api.ts';
import { Arena } from './arena.ts';
import { Changes } from './changes.ts';
import { Posting } from './posting.ts';
import { EventSubscriber, SocketSubscriber, type Subscriber } from './subscriber.ts';
import type { Tier } from './tiers.ts';
import { signToken } from './tokens.ts';
import type { Person, World } from './world.ts';

const QUIET_ROOMS = 2;
const HOT_WEIGHT = 3;
const AUTHORS = 6;
const VICTIMS = 3;
const EVENT_STREAMS = 2;
/** Beyond every clock that is set wrong on purpose. */
const TOKEN_SECONDS = 400 * 86_400;

/** Fills a fresh cluster with people and rooms, and everybody follows something. Resolves when all are live. */
export async function gather(world: World, tier: Tier): Promise<Arena> {
  const people = await signUp(world, 1 + AUTHORS + VICTIMS + tier.doomed + tier.inboxes);
  const [owner] = people.splice(0, 1) as [Person];
  world.owner = owner;
  const authors = people.splice(0, AUTHORS);
  const posting = new Posting(world, authors);
  const arena = new Arena(world, tier, posting, new Changes(world, posting));
  arena.victims.push(...people.splice(0, VICTIMS));
  arena.doomed.push(...people.splice(0, tier.doomed));
  const members = [...authors, ...arena.victims, ...arena.doomed, ...people];
  for (let i = 0; i < tier.rooms + QUIET_ROOMS; i++) await makeRoom(world, i, tier, members);
  arena.subscribers.push(...followers(arena, tier, authors, people));
  await Promise.all(arena.subscribers.map((one) => one.start()));
  return arena;
}

async function signUp(world: World, count: number): Promise<Person[]> {
  const run = randomBytes(3).toString('hex');
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify({ username: `f-${run}-${i}`, displayName: `F ${i}` }),
  );
  const printed = await world.cluster.admin(['import-users', '-'], `${lines.join('\n')}\n`);
  return Promise.all(printed.split('\n').filter(Boolean).map(personOf));
}

async function personOf(line: string): Promise<Person> {
  const { userId, accessToken } = JSON.parse(line) as { userId: string; accessToken: string };
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString());
  const person = { user: numberIn(userId), sessionId: String(claims.sid) };
  return { ...person, token: await signToken(person, Math.floor(Date.now() / 1_000) + TOKEN_SECONDS) };
}

async function makeRoom(world: World, index: number, tier: Tier, members: readonly Person[]): Promise<void> {
  const place = world.cluster.places[0]!;
  const { token } = world.owner;
  const input = { name: `room ${index}`, kind: 'PUBLIC', idempotencyKey: `room-${index}` };
  const made = await attempt(place, token, 'createRoom', input, 'room { id }');
  if (made.kind !== 'ok') throw new Error(`createRoom: ${made.code}`);
  const id = numberIn(made.value['room'].id);
  const userIds = members.map(({ user }) => userIdOf(user));
  const added = await attempt(place, token, 'addMembers', { roomId: roomIdOf(id), userIds }, 'roomSeq');
  if (added.kind !== 'ok') throw new Error(`addMembers: ${added.code}`);
  const isQuiet = index >= tier.rooms;
  world.rooms.push({ id, isQuiet, weight: index === 0 ? HOT_WEIGHT : 1 });
}

function followers(
  arena: Arena,
  tier: Tier,
  authors: readonly Person[],
  people: readonly Person[],
): Subscriber[] {
  const { world } = arena;
  const all: Subscriber[] = [];
  const home = () => all.length % 3;
  for (const { id, isQuiet, weight } of world.rooms) {
    const count = isQuiet ? 3 : tier.subscribersPerRoom + (weight > 1 ? 2 : 0);
    for (let i = 0; i < count; i++) {
      const person = authors[(id + i) % authors.length] as Person;
      all.push(
        new SocketSubscriber(world, {
          name: `room${id}-${i}`,
          person,
          stream: 'room',
          room: id,
          home: home(),
        }),
      );
    }
  }
  const inboxOf = (person: Person, Kind: typeof SocketSubscriber | typeof EventSubscriber) =>
    all.push(new Kind(world, { name: `inbox-${person.user}`, person, stream: 'inbox', home: home() }));
  people.forEach((person, i) => inboxOf(person, i < EVENT_STREAMS ? EventSubscriber : SocketSubscriber));
  // An inbox hears everything: one for each of many would be most of the load.
  const busy = [...arena.victims, ...arena.doomed.filter((_, i) => i % 5 === 0)];
  for (const person of busy) inboxOf(person, SocketSubscriber);
  for (const person of [...arena.victims, ...arena.doomed]) {
    const { id } = world.random.pick(arena.openRooms);
    const name = `room${id}-of-${person.user}`;
    all.push(new SocketSubscriber(world, { name, person, stream: 'room', room: id, home: home() }));
  }
  return all;
}
