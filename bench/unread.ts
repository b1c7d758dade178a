import pg from 'pg';
import { numberIn } from '../test/harness/ids.ts';
import { Client, deleted, makeRoom, posted } from './client.ts';
import { fillRoom } from './depth.ts';
import { type MakeSuite, type Mark, type Scale, shareOf, type Variant } from './figures.ts';
import { PACE, pagesOf } from './pages.ts';
import { statementsOf } from './statements.ts';
import type { ParleyNode, Person, World } from './world.ts';

const NUMBERS = 'viewerUnreadCount viewerUnreadMentionCount viewerReadSeq';
const ROOM = `query Room($id: ID!) { room(id: $id) { ${NUMBERS} } }`;
const LIST = `{ viewer { unread { messages mentions rooms } rooms(first: 100) { edges { node {
  id title ${NUMBERS} viewerIsPinned viewerMutedUntil } } } } }`.replaceAll(/\s+/g, ' ');

const BEHIND = [0, 10_000, 500_000] as const;
const DELETIONS = 100;
const ROOMS = 500;

const nameOf = (behind: number) => `${behind.toLocaleString('en')} unread`;

/** Moves the mark of a member so that so many messages are above it. */
async function setBehind(url: string, roomId: string, { userId }: Person, behind: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(
    `UPDATE memberships m SET read_seq = h.last_message_seq - $3::bigint FROM room_heads h
     WHERE h.room_id = m.room_id AND m.room_id = $1::bigint AND m.user_id = $2::bigint`,
    [numberIn(roomId), numberIn(userId), behind],
  );
  await client.end();
}

/** The numbers of one very long room, for members who have read all or nearly nothing, and of a list of many rooms. */
export const unread: MakeSuite = async (world: World, scale: Scale) => {
  const { nodes, people, databaseUrl } = await world.deploy({ nodes: 1, people: BEHIND.length + 1 });
  const node = nodes[0] as ParleyNode;
  const [owner, ...readers] = people as [Person, ...Person[]];
  const client = await Client.open(node.wsUrl, owner.accessToken);
  const readerIds = readers.map(({ userId }) => userId);
  const roomId = await makeRoom(client, readerIds);
  const total = scale.messages;
  await fillRoom(databaseUrl, roomId, [owner.userId], total - DELETIONS);
  for (let i = 0; i < DELETIONS; i++) await deleted(client, await posted(client, roomId));
  for (const [i, behind] of BEHIND.entries())
    await setBehind(databaseUrl, roomId, readers[i] as Person, behind);
  for (let i = 1; i < scale.of(ROOMS); i++) await posted(client, await makeRoom(client, readerIds));
  await client.close();

  const statements = () => statementsOf(node);
  const variants: Variant[] = [];
  for (const [i, behind] of BEHIND.entries()) {
    const { accessToken: token } = readers[i] as Person;
    const page = { query: ROOM, variables: { id: roomId } };
    const answer = `"viewerUnreadCount":${Math.max(0, behind - DELETIONS)},`;
    const pages = { name: nameOf(behind), server: node, token, page, answer, statements };
    variants.push(await pagesOf(world, pages, scale.of(4_000)));
  }
  const list = {
    name: `100 of ${ROOMS} rooms and the totals`,
    server: node,
    token: (readers[0] as Person).accessToken,
    page: { query: LIST, variables: {} },
    answer: '"rooms":{"edges"',
    statements,
  };
  variants.push(await pagesOf(world, list, scale.of(500)));
  const marks = BEHIND.slice(1).map(
    (behind): Mark => ({
      title: `CPU with ${nameOf(behind)} ÷ with none`,
      value: shareOf('wholeMicros', nameOf(behind), nameOf(0)),
      sense: 'at most',
      must: 1.2,
      goal: 1.05,
      unit: '×',
    }),
  );
  return {
    title: `Unread numbers: a room of ${total.toLocaleString('en')} messages, ${PACE}`,
    each: 'query',
    main: 'wholeMicros',
    variants,
    marks,
  };
};
