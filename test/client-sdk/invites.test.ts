import { afterAll, expect, test } from 'vitest';
import { until } from '../../packages/client/src/index.ts';
import {
  acceptInvite,
  createInvite,
  inviteCodeIn,
  invitesOf,
  isGuest,
  joinAsGuest,
  previewInvite,
  revokeInvite,
  upgradeGuest,
} from '../../packages/client/src/invites.ts';
import { signUp } from '../harness/people.ts';
import { Device, PASSWORD } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Links of clients: a room, somebody who has a link, and nothing else.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

const devices: Device[] = [];
const newDevice = () => {
  const device = new Device(stage.node.url);
  devices.push(device);
  return device.client;
};

afterAll(() => Promise.all(devices.map(({ client }) => client.close())));

test('a guest enters by a link, talks, and becomes a user with an account', async () => {
  const ann = await signUp(stage.node, 'ann');
  const roomId = await ann.createRoom('behind a link', 'PRIVATE');
  const [host, visitor] = [newDevice(), newDevice()];
  await (devices[0] as Device).signIn(ann);
  await until(host.rooms, (rooms) => rooms.length === 1);

  const made = await createInvite(host, { roomId, role: 'MEMBER', maxUses: 2 });
  expect(made.link).toBe(new URL(`/#join=${made.code}`, stage.node.url).href);
  expect(inviteCodeIn(made.link)).toBe(made.code);
  expect(inviteCodeIn('https://example.org/#/room/1')).toBeNull();

  const preview = {
    roomName: 'behind a link',
    memberCount: 1,
    role: 'MEMBER',
    invitedBy: 'ann',
    allowsGuests: true,
  };
  expect(await previewInvite(visitor, made.code)).toEqual(preview);
  expect(await joinAsGuest(visitor, made.code, 'Gus')).toBe(roomId);
  await until(visitor.rooms, (rooms) => rooms.some(({ id }) => id === roomId));
  const guest = await until(visitor.viewer, (viewer) => viewer?.displayName === 'Gus');
  expect(guest && isGuest(guest)).toBe(true);
  await visitor.room(roomId).send('hello');
  await until(host.room(roomId).messages, (messages) => messages.some(({ text }) => text === 'hello'));

  // Before: not for guests. Afterwards the client has other tokens, and needs no other sign-in.
  const outside = await ann.createRoom('for everybody');
  await expect(visitor.joinRoom(outside)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  const username = `gus${ann.username.slice(-8)}`;
  await upgradeGuest(visitor, { username, email: `${username}@example.org`, password: PASSWORD });
  await until(visitor.viewer, (viewer) => viewer?.username === username);
  await visitor.joinRoom(outside);
  await until(visitor.rooms, (rooms) => rooms.length === 2);
  expect(isGuest({ username })).toBe(false);
});

test('a user with an account accepts a link; who made it sees its uses, and ends it', async () => {
  const [bea, cid] = [await signUp(stage.node, 'bea'), await signUp(stage.node, 'cid')];
  const roomId = await bea.createRoom('links', 'PRIVATE');
  const [host, other] = [newDevice(), newDevice()];
  await (devices.at(-2) as Device).signIn(bea);
  await (devices.at(-1) as Device).signIn(cid);
  const { code, id } = await createInvite(host, { roomId, role: 'GUEST' });
  expect(await acceptInvite(other, code)).toBe(roomId);
  await until(other.rooms, (rooms) => rooms.some((room) => room.id === roomId));
  expect(await invitesOf(host, roomId)).toMatchObject([{ id, useCount: 1, isOpen: true, maxUses: null }]);
  expect(await invitesOf(other, roomId)).toBeNull();
  await revokeInvite(host, id);
  expect(await invitesOf(host, roomId)).toEqual([]);
  expect(await previewInvite(other, code)).toBeNull();
  const refused = { code: 'NOT_FOUND', path: ['input', 'inviteCode'] };
  await expect(joinAsGuest(newDevice(), code, 'Eve')).rejects.toMatchObject(refused);
});
