import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDocuments } from '../../packages/client/src/document-client.ts';
import { ParleyError, until } from '../../packages/client/src/index.ts';
import {
  explainPermission,
  type PermissionOverride,
  PermissionOverrides,
  permissionEvents,
  setPermissions,
} from '../../packages/client/src/permissions.ts';
import { type Person, signUp } from '../harness/people.ts';
import { Device } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

// Permissions of a client: what the viewer may do follows every change, and the list of overrides does.

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

let people: Person[];
let devices: Device[];
let roomId: string;

beforeAll(async () => {
  people = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  const [ann, ben] = people as [Person, Person];
  roomId = await ann.createRoom('permissions of clients');
  await ben.join(roomId);
  await ann.say(roomId, 'one');
  devices = people.map(() => new Device(stage.node.url));
  for (const [i, device] of devices.entries()) {
    await device.signIn(people[i] as Person);
    await device.shows(roomId, ['one']);
  }
});

afterAll(async () => {
  await Promise.all(devices.map(({ client }) => client.close()));
});

const targets = (list: readonly PermissionOverride[] | null) =>
  list
    ?.map(
      ({ role, user, denied, allowed }) => `${role ?? user?.username}: -${denied.join()} +${allowed.join()}`,
    )
    .join('; ');

test('a change reaches the room of other clients, and the lists', async () => {
  const [{ client: annes }, { client: bens }] = devices as [Device, Device];
  const ben = people[1] as Person;
  const told: unknown[] = [];
  let isReady = false;
  const stop = createDocuments(bens).subscribe(
    permissionEvents,
    { id: roomId },
    {
      next: ({ room }) => {
        if (room.__typename === 'StreamReady') isReady = true;
        if (room.__typename === 'PermissionsChanged') told.push(targets([room.override]));
      },
      error: (error) => told.push(error.code),
    },
  );
  await expect.poll(() => isReady).toBe(true);
  const overrides = new PermissionOverrides(bens, roomId);
  await until(overrides, (list) => targets(list) === '');
  const changed = await setPermissions(annes, roomId, { role: 'MEMBER' }, [
    { permission: 'SEND_MESSAGES', effect: 'DENY' },
  ]);
  expect(changed).toMatchObject({ role: 'MEMBER', user: null, allowed: [], denied: ['SEND_MESSAGES'] });
  const { info } = bens.room(roomId);
  await until(info, (room) => room?.viewerCanSend === false);
  expect(info.getSnapshot()).toMatchObject({
    viewerPermissions: [],
    viewerCannotSendReasons: ['NOT_PERMITTED'],
  });
  await until(overrides, (list) => targets(list) === 'MEMBER: -SEND_MESSAGES +');
  const question = { roomId, userId: ben.userId, permission: 'SEND_MESSAGES' } as const;
  expect(await explainPermission(bens, question)).toEqual({
    isAllowed: false,
    steps: [
      { kind: 'ROLE_DEFAULT', effect: 'ALLOW' },
      { kind: 'ROLE_OVERRIDE', effect: 'DENY' },
      { kind: 'MEMBER_OVERRIDE', effect: 'INHERIT' },
    ],
  });
  await setPermissions(annes, roomId, { userId: ben.userId }, [
    { permission: 'SEND_MESSAGES', effect: 'ALLOW' },
  ]);
  await until(info, (room) => room?.viewerCanSend === true);
  await until(
    overrides,
    (list) => targets(list) === `MEMBER: -SEND_MESSAGES +; ${ben.username}: - +SEND_MESSAGES`,
  );
  await expect.poll(() => told).toEqual(['MEMBER: -SEND_MESSAGES +', `${ben.username}: - +SEND_MESSAGES`]);
  stop();
  overrides.close();
});

test('a refusal is an error, and what the viewer may not know is null', async () => {
  const [, { client: bens }] = devices as [Device, Device];
  const [ann] = people as [Person, Person];
  const change = { permission: 'SEND_MESSAGES', effect: 'DENY' } as const;
  const refused = await setPermissions(bens, roomId, { role: 'GUEST' }, [change]).catch(
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(ParleyError);
  expect(refused).toMatchObject({ code: 'PERMISSION_DENIED' });
  const question = { roomId, userId: ann.userId, permission: 'SEND_MESSAGES' } as const;
  expect(await explainPermission(bens, question)).toBeNull();
});
