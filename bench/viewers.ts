import pg from 'pg';
import { type Telling, tellingsOf, variantOf } from './fanout.ts';
import { type MakeSuite, type Mark, type Scale, type Suite, shareOf, type Variant } from './figures.ts';
import { Pace, parleyHall, type Shape } from './hall.ts';
import type { World } from './world.ts';

const MESSAGE = '... on MessageCreated { message { id seq text sentAt author { id displayName } } }';
const eventWith = (fields: string) => `__typename ... on RoomEvent { roomSeq ${fields} } ${MESSAGE}`;
const WATCH_PERMISSIONS = `subscription ($id: ID!) { room(id: $id) { ${eventWith('room { viewerPermissions }')} } }`;

/** Seven permissions, so 128 sets of them. */
async function differPermissions(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query('UPDATE memberships SET permission_bits = user_id % 128 WHERE role < 50');
  await client.end();
}

const NUMBERS = 'room { viewerUnreadCount viewerUnreadMentionCount viewerReadSeq }';
const HISTORY = 1_000;

/** A history of a thousand messages, of which each member has read another part. Only its length is stored. */
async function differMarks(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query(
    `UPDATE room_heads SET last_message_seq = last_message_seq + ${HISTORY}, last_room_seq = last_room_seq + ${HISTORY}`,
  );
  await client.query(`UPDATE memberships SET read_seq = user_id % ${HISTORY} WHERE role < 50`);
  await client.end();
}

/** The same room with a value that differs between its members, and with an equal one or none. */
interface Pair {
  readonly title: string;
  readonly different: Pick<Shape, 'query' | 'prepare'>;
  readonly equal: Pick<Shape, 'query'>;
}

const PAIRS: readonly Pair[] = [
  {
    title: '1,000 own cursors',
    different: { query: `subscription { inbox { ${eventWith('cursor')} } }` },
    equal: { query: `subscription { inbox { ${eventWith('')} } }` },
  },
  {
    title: '1,000 own unread numbers',
    different: { query: `subscription { inbox { ${eventWith(NUMBERS)} } }`, prepare: differMarks },
    equal: { query: `subscription { inbox { ${eventWith('room { id }')} } }` },
  },
  {
    title: '128 sets of permissions',
    different: { query: WATCH_PERMISSIONS, prepare: differPermissions },
    equal: { query: WATCH_PERMISSIONS },
  },
];

const nameOf = (pair: Pair, kind: 'different' | 'equal', { how }: Telling) =>
  `${kind === 'equal' ? 'without' : 'with'} ${pair.title}, ${how}`;

async function fill(world: World, pair: Pair, tellings: readonly Telling[]): Promise<Variant[]> {
  const variants: Variant[] = [];
  for (const kind of ['different', 'equal'] as const) {
    const shape = { rooms: 1, members: 1_000, ...pair[kind] };
    const pace = new Pace();
    const hall = await parleyHall(world, shape, pace);
    for (const telling of tellings)
      variants.push({ ...variantOf(world, hall, shape, telling, pace), name: nameOf(pair, kind, telling) });
  }
  return variants;
}

function markOf(pair: Pair, telling: Telling): Mark {
  return {
    title: `${telling.how}: CPU with ${pair.title} ÷ without`,
    value: shareOf('cpuMicros', nameOf(pair, 'different', telling), nameOf(pair, 'equal', telling)),
    sense: 'at most',
    must: 1.3,
    goal: 1.1,
    unit: '×',
  };
}

/** What values cost that differ between the subscribers of an event. */
export const viewers: MakeSuite = async (world: World, scale: Scale): Promise<Suite> => {
  const tellings = tellingsOf(scale);
  const variants: Variant[] = [];
  for (const pair of PAIRS) variants.push(...(await fill(world, pair, tellings)));
  return {
    title: 'Values of the viewer: a room of 1,000',
    each: 'delivery',
    main: 'cpuMicros',
    variants,
    marks: PAIRS.flatMap((pair) => tellings.map((telling) => markOf(pair, telling))),
  };
};
