import pg from 'pg';
import { numberIn } from '../test/harness/ids.ts';
import { Client, makeRoom, posted } from './client.ts';
import type { MakeSuite, Scale, Variant } from './figures.ts';
import { PACE, type Pages, pagesOf } from './pages.ts';
import { statementsOf } from './statements.ts';
import type { ParleyNode, World } from './world.ts';

const AUTHORS = 50;
const PAGE = `pageInfo { hasPreviousPage hasNextPage startCursor endCursor } edges { cursor node {
  id seq text sentAt idempotencyKey author { id displayName } } }`;

/** Inserts rows without the node: only their number matters, and posting them would take an hour. */
const FILL = `
  INSERT INTO messages (room_id, room_seq, seq, author_id, idempotency_key, fingerprint, text, created_at)
  SELECT $1::bigint, $2::bigint + i, $3::bigint + i, ($4::bigint[])[1 + i % cardinality($4::bigint[])], 'filled ' || i,
    md5(i::text)::uuid, 'The quick brown fox jumps over the lazy dog, for the ' || i || '. time', now() + i * interval '1 ms'
  FROM generate_series(1, $5::bigint) AS i`;
const ADVANCE = `
  UPDATE room_heads SET last_room_seq = last_room_seq + $2::bigint, last_message_seq = last_message_seq + $2::bigint,
    last_at = now() + $2::bigint * interval '1 ms' WHERE room_id = $1::bigint
  RETURNING last_room_seq - $2::bigint AS room_seq, last_message_seq - $2::bigint AS seq`;

/** Adds so many messages of these users to a room. */
export async function fillRoom(
  url: string,
  roomId: string,
  userIds: readonly string[],
  count: number,
): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(ADVANCE, [numberIn(roomId), count]);
  const { room_seq, seq } = rows[0] as { room_seq: string; seq: string };
  await client.query(FILL, [numberIn(roomId), room_seq, seq, userIds.map(numberIn), count]);
  await client.query('VACUUM (ANALYZE) messages');
  await client.end();
}

/** Pages of one very long room, from its start to its end. */
export const depth: MakeSuite = async (world: World, scale: Scale) => {
  const { nodes, people, databaseUrl } = await world.deploy({ nodes: 1, people: AUTHORS });
  const node = nodes[0] as ParleyNode;
  const reader = people[0] as (typeof people)[number];
  const client = await Client.open(node.wsUrl, reader.accessToken);
  const roomId = await makeRoom(
    client,
    people.slice(1).map(({ userId }) => userId),
  );
  await posted(client, roomId);
  await client.close();
  const total = scale.messages;
  await fillRoom(
    databaseUrl,
    roomId,
    people.map(({ userId }) => userId),
    total - 1,
  );

  const variantOf = (name: string, args: string, seq: number): Promise<Variant> => {
    const query = `query Page($id: ID!) { room(id: $id) { messages(${args}) { ${PAGE} } } }`;
    const page = { query: query.replaceAll(/\s+/g, ' '), variables: { id: roomId } };
    const statements = () => statementsOf(node);
    const { accessToken: token } = reader;
    const pages: Pages = { name, server: node, token, page, answer: `"seq":${seq},`, statements };
    return pagesOf(world, pages, scale.of(2_000));
  };
  const half = Math.floor(total / 2);
  return {
    title: `Depth: pages of 50 in a room of ${total.toLocaleString('en')} messages, ${PACE}`,
    each: 'page',
    main: 'wholeMicros',
    variants: [
      await variantOf('the end', 'last: 50', total),
      await variantOf('the start', 'first: 50', 1),
      await variantOf(
        'after a cursor in the middle',
        `first: 50, after: "messages:${numberIn(roomId)}:${half}"`,
        half + 1,
      ),
      await variantOf('around a number in the middle', `around: { seq: ${half} }, first: 25, last: 25`, half),
    ],
    marks: [],
  };
};
