import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MessageInfo, until } from '../../packages/client/src/index.ts';
import {
  closePoll,
  createPoll,
  isOpen,
  type Poll,
  toggled,
  votePoll,
} from '../../packages/client/src/polls.ts';
import { apply, begin, type MessageAnswer, type RoomItem } from '../../packages/client/src/reducer.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Polls of a client: each device shows the poll of a message as the events tell it.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let devices: Device[];
let roomId: string;

beforeAll(async () => {
  const [ann, ben] = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  roomId = await ann.createRoom('polls of clients');
  await ben.join(roomId);
  await ann.say(roomId, 'before');
  devices = [ann, ben].map(() => new Device(stage.node.url));
  for (const [i, device] of devices.entries()) {
    await device.signIn([ann, ben][i] as Person);
    await device.shows(roomId, ['before']);
  }
});

afterAll(async () => {
  await Promise.all(devices.map(({ client }) => client.close()));
});

/** The poll of a message on a device, when it is as expected. */
async function polled({ client }: Device, id: string, isExpected: (poll: Poll) => boolean): Promise<Poll> {
  const pollIn = (messages: readonly MessageInfo[]) => messages.find((message) => message.id === id)?.poll;
  const messages = client.room(roomId).messages;
  await until(messages, (shown) => {
    const poll = pollIn(shown);
    return Boolean(poll && isExpected(poll));
  });
  return pollIn(messages.getSnapshot()) as Poll;
}

test('a vote and the end of a poll are shown on every device, hidden results at its end', async () => {
  const [annes, bens] = devices as [Device, Device];
  const options = ['here', 'there', 'nowhere'];
  const poll = { question: 'Where?', options, maxChoices: 2, resultsVisibility: 'WHEN_CLOSED' as const };
  const id = await createPoll(annes.client, roomId, poll);
  const shown = await polled(bens, id, ({ options: { length } }) => length === 3);
  expect(isOpen(shown)).toBe(true);
  const [one = '', two = ''] = shown.options.map((option) => option.id);
  await votePoll(bens.client, id, toggled(shown, one));
  const voted = await polled(bens, id, ({ voterCount }) => voterCount === 1);
  expect(voted).toMatchObject({
    viewerVotes: [one],
    options: [{ count: null }, { count: null }, { count: null }],
  });
  await votePoll(bens.client, id, toggled(voted, two));
  const both = await polled(bens, id, ({ viewerVotes }) => viewerVotes?.length === 2);
  expect(toggled(both, one)).toEqual([two]);
  expect((await polled(annes, id, ({ voterCount }) => voterCount === 1)).viewerVotes).toEqual([]);
  await closePoll(annes.client, id);
  for (const device of devices) {
    const closed = await polled(device, id, ({ closedAt }) => closedAt !== null);
    expect(closed.options.map(({ count }) => count)).toEqual([1, 1, 0]);
    expect(isOpen(closed)).toBe(false);
  }
  const refused = await votePoll(bens.client, id, [one]).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'CONFLICT' });
});

test('a vote that an event does not tell of stays as it was', () => {
  const person = { id: 'user_1', username: 'ann', displayName: 'Ann', isDeleted: false };
  const poll: Poll = {
    options: [{ id: 'option_1_2_1', text: 'here', count: 60 }],
    maxChoices: 1,
    isAnonymous: false,
    resultsVisibility: 'ALWAYS',
    closesAt: null,
    closedAt: null,
    voterCount: 60,
    viewerVotes: ['option_1_2_1'],
  };
  const message = {
    id: 'msg_1_2',
    seq: 1,
    version: 1,
    text: 'Where?',
    author: person,
    replyTo: null,
    reactions: [],
    poll,
  };
  const room = { id: 'room_1', lastRoomSeq: 2, lastMessageSeq: 1, members: null, viewerMembership: null };
  const snapshot = { cursor: 'a', viewer: person, rooms: [{ ...room, messages: { nodes: [message] } }] };
  const state = begin(snapshot as never);
  const event = {
    __typename: 'PollUpdated',
    cursor: 'b',
    roomSeq: 3,
    occurredAt: '',
    room: { ...room, lastRoomSeq: 3 },
  };
  const heldAfter = (next: Poll | null, item: object = { message: { id: 'msg_1_2' }, poll: next }) =>
    apply(state, { ...event, ...item } as unknown as RoomItem).rooms['room_1']?.messages['msg_1_2']?.poll;
  expect(heldAfter({ ...poll, voterCount: 61, viewerVotes: null })).toEqual({ ...poll, voterCount: 61 });
  expect(heldAfter({ ...poll, voterCount: 59, viewerVotes: [] })?.viewerVotes).toEqual([]);
  expect(heldAfter(null)).toBeNull();
  const edited = { ...message, version: 2, poll: { ...poll, viewerVotes: null } } as unknown as MessageAnswer;
  expect(heldAfter(null, { __typename: 'MessageEdited', message: edited })).toEqual(poll);
});
