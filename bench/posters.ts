import { Client, makeRoom, SEND_MESSAGE, TEXT } from './client.ts';
import { gqlLine, type Line } from './load/load.ts';
import type { Deployment, ParleyNode, Person } from './world.ts';

export const POSTERS = 256;
export const ROOMS = 100;

/** What every acknowledgement contains, Parley's and the peers'. */
export const ACKNOWLEDGED = { parley: '"SendMessageSuccess"', prisma: '"sendMessage":{"seq"', raw: '{"seq"' };

/** A user and the room for posts. */
export interface Poster {
  readonly person: Person;
  readonly roomId: string;
}

/** All users in one room, and all users in one of a hundred. */
export interface Posters {
  readonly hot: readonly Poster[];
  readonly spread: readonly Poster[];
}

/** Creates the rooms of the first users of a deployment; the hot room also has all others as members. */
export async function gather({ nodes, people }: Deployment): Promise<Posters> {
  const node = nodes[0] as ParleyNode;
  const posters = people.slice(0, POSTERS);
  const idsOf = (some: readonly Person[]) => some.map(({ userId }) => userId);
  const owner = await Client.open(node.wsUrl, posters[0]?.accessToken);
  const hotRoom = await makeRoom(owner, idsOf(people.slice(1)));
  await owner.close();
  const rooms: string[] = [];
  for (let room = 0; room < ROOMS; room++) {
    const [creator, ...others] = posters.filter((_, i) => i % ROOMS === room);
    const client = await Client.open(node.wsUrl, creator?.accessToken);
    rooms.push(await makeRoom(client, idsOf(others)));
    await client.close();
  }
  return {
    hot: posters.map((person) => ({ person, roomId: hotRoom })),
    spread: posters.map((person, i) => ({ person, roomId: rooms[i % ROOMS] as string })),
  };
}

const text = `${TEXT} ~T%T`;
const DOCUMENT = SEND_MESSAGE.replaceAll(/\s+/g, ' ');

let loads = 0;

/** A connection to Parley that posts. Keys are its own, so that none is taken for a repetition. */
export function parleyLine({ person, roomId }: Poster): Line {
  const input = { roomId, text, idempotencyKey: `bench-${process.pid}-${++loads}-%N` };
  return gqlLine(person.accessToken, { request: { query: DOCUMENT, variables: { input } } });
}

// As in peers/tables.mjs.
const HOT_ROOM = 100;
const roomOf = (poster: number, isHot: boolean) => (isHot ? HOT_ROOM : poster % ROOMS);

/** Connections to prisma-chat.mjs. */
export function prismaLines(isHot: boolean): Line[] {
  const query = `mutation Send($roomId: ID!, $authorId: ID!, $key: ID!, $text: String!) {
    sendMessage(roomId: $roomId, authorId: $authorId, key: $key, text: $text) { seq id sentAt } }`;
  return Array.from({ length: POSTERS }, (_, i) => {
    const key = `bench-${process.pid}-${++loads}-%N`;
    const variables = { roomId: String(roomOf(i, isHot)), authorId: String(i), key, text };
    return gqlLine('', { request: { query: query.replaceAll(/\s+/g, ' '), variables } });
  });
}

/** Connections to raw-posts.mjs. */
export function rawLines(isHot: boolean): Line[] {
  return Array.from({ length: POSTERS }, (_, author) => {
    const key = `bench-${process.pid}-${++loads}-%N`;
    return { path: '/', request: { room: roomOf(author, isHot), author, key, text } };
  });
}
