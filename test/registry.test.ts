import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventRegistry } from '../src/capabilities.ts';
import { decodeAnnouncement, partsOf } from '../src/eventlog/follower/announcement.ts';
import type { RoomEvent } from '../src/eventlog/kinds.ts';
import { EventRegistry, type RoomEventKind } from '../src/eventlog/registry.ts';
import { createDatabase, execute, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';

describe('the registry of events', () => {
  const texts = { description: 'Something happened.', fields: [], clientRule: 'nothing' };
  const plain = { ...texts, affects: 'nothing', subject: null } as const;
  const withKinds = (...room: RoomEventKind[]) =>
    new EventRegistry({ room, account: [], people: async () => [] });

  test.each([
    [
      'a number given twice',
      [
        { number: 1, name: 'One', ...plain },
        { number: 1, name: 'Two', ...plain },
      ],
      'the events One and Two are both registered as 1',
    ],
    [
      'a name given twice',
      [
        { number: 1, name: 'One', ...plain },
        { number: 2, name: 'One', ...plain },
      ],
      'the events One and One are both registered as One',
    ],
    [
      'rights that nobody works out',
      [{ ...plain, number: 1, name: 'One', affects: 'rights' }],
      'the event One affects rights: add rightsAfter to its registration',
    ],
    [
      'access that nobody ends',
      [{ ...plain, number: 1, name: 'One', affects: 'access', rightsAfter: () => null }],
      'the event One affects access: add endsAccessOf to its registration',
    ],
  ] satisfies [string, RoomEventKind[], string][])(
    'refuses %s, and says what to add',
    (_what, kinds, says) => {
      expect(() => withKinds(...kinds)).toThrow(says);
    },
  );
});

describe('kinds of a newer version', () => {
  let database: TestDatabase;
  let node: TestNode;
  let ada: Person;
  let roomId: string;

  beforeAll(async () => {
    database = await createDatabase();
    node = await startNode({ databaseUrl: database.url });
    ada = await signUp(node, 'ada');
    roomId = await ada.createRoom('engine room');
  });

  afterAll(async () => {
    await node?.stop();
    await database?.drop();
  });

  const numberOf = (id: string) => Number(/\d+$/.exec(id)?.[0]);

  /** As a node of a newer version would write it: about a room, or about none. */
  const writeAccountEvent = (about: string | null) =>
    execute(
      database.url,
      `SELECT append_account_events(ARRAY[${numberOf(ada.userId)}]::bigint[], 99::smallint, ${about && numberOf(about)}, ARRAY[NULL]::bigint[])`,
    );
  const writeRoomEvent = () =>
    execute(
      database.url,
      `SELECT append_room_event(${numberOf(roomId)}, 99::smallint, ${numberOf(ada.userId)}, 7, '{"a": 1}')`,
    );

  test.each(['no room', 'a room of the viewer', 'a room that the viewer cannot read'])(
    'in the own log, about %s, are shown as unavailable: live, after a cursor, and in pages',
    async (about) => {
      const bob = await signUp(node, 'bob');
      const foreign = await bob.createRoom('not for ada', 'PRIVATE');
      const rooms = new Map([
        ['a room of the viewer', roomId],
        ['a room that the viewer cannot read', foreign],
      ]);
      const feed = await ada.watchInbox();
      const { cursor } = await feed.next('StreamReady');
      await writeAccountEvent(rooms.get(about) ?? null);
      const live = await feed.next('AccountEventUnavailable');
      await ada.say(roomId, 'after it');
      const { cursor: last } = await feed.next('MessageCreated');
      feed.close();

      const resumed = await ada.watchInbox(cursor);
      const { cursor: _cursor, ...shown } = live;
      // Rooms come first on the way back, then the own log.
      expect(await resumed.texts(1)).toEqual(['after it']);
      expect(await resumed.next()).toMatchObject(shown);
      resumed.close();

      const later = await ada.watchInbox(last);
      expect(await later.next()).toMatchObject({ __typename: 'StreamReady', replayedCount: 0 });
      later.close();

      const { data } = await ada.ask(
        'query ($after: String) { inboxEvents(after: $after) { nodes { __typename } } }',
        { after: cursor },
      );
      expect(data.inboxEvents.nodes.map((each: { __typename: string }) => each.__typename)).toEqual([
        'MessageCreated',
        'AccountEventUnavailable',
      ]);
    },
  );

  test('in a room keep their numbers and are shown as unavailable: live, after a cursor, and in pages', async () => {
    const feed = await ada.watch(roomId);
    const { cursor } = await feed.next('StreamReady');
    await writeRoomEvent();
    const live = await feed.next('EventUnavailable');
    await ada.say(roomId, 'and on');
    expect((await feed.next('MessageCreated')).roomSeq).toBe((live.roomSeq as number) + 1);
    feed.close();

    const resumed = await ada.watch(roomId, cursor);
    expect(await resumed.next()).toMatchObject({ ...live });
    expect(await resumed.texts(1)).toEqual(['and on']);
    resumed.close();
  });

  test('in an announcement are shown as unavailable', () => {
    const event: RoomEvent = {
      roomId: 1,
      roomSeq: 7,
      kind: 'SomethingNew',
      actorId: 1,
      subject: 7,
      messageSeq: 3,
      createdAt: new Date(0),
      facts: null,
      record: { anything: true },
      people: [],
    };
    const [part] = partsOf({ roomId: 1, head: 7, events: [event] });
    expect(decodeAnnouncement(part?.json ?? '', createEventRegistry())?.events).toEqual([
      { ...event, kind: 'EventUnavailable', record: null },
    ]);
  });
});
