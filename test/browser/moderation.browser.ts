import { expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { useDemo } from '../harness/demo.ts';
import { signUp } from '../harness/people.ts';

// Moderation in the demo.

const SHOTS = process.env['DEMO_SHOTS'];

const demo = useDemo();

test('an owner bans a member, who cannot join until the ban is ended', async () => {
  const [ann, ben] = [await signUp(demo.node, 'ann'), await signUp(demo.node, 'ben')];
  const roomId = await ann.createRoom('the calm hall');
  await ben.join(roomId);
  const [annes, bens] = [
    await demo.openRoom(ann.username, 'the calm hall'),
    await demo.openRoom(ben.username, 'the calm hall'),
  ];
  await annes.getByRole('button', { name: /members?$/ }).click();
  const members = annes.getByRole('dialog', { name: 'Members' });
  await members.getByRole('button', { name: 'Moderate ben' }).click();
  const panel = members.getByRole('region', { name: 'Moderate ben' });
  await panel.getByLabel('Reason').fill('spam');
  await panel.getByLabel('For how long').selectOption('Without an end');
  await panel.getByRole('button', { name: 'Ban from room' }).click();
  await panel.waitFor({ state: 'detached' });
  await bens.getByRole('heading', { name: 'the calm hall' }).waitFor({ state: 'detached' });
  expect((await ben.change('joinRoom', { roomId })).__typename).toBe('PermissionDeniedError');
  await annes.keyboard.press('Escape');
  await annes.getByRole('button', { name: 'Room settings' }).click();
  const bans = annes.getByRole('region', { name: 'Banned users' });
  await bans.getByText('banned by ann · spam').waitFor();
  await expectAccessible(annes);
  if (SHOTS) await annes.screenshot({ path: `${SHOTS}/bans.png` });
  await bans.getByRole('button', { name: 'Unban: ben' }).click();
  await bans.getByText('Nobody is banned.').waitFor();
  await annes.keyboard.press('Escape');
  await annes.getByRole('button', { name: 'Room settings' }).click();
  const audit = annes.getByRole('region', { name: 'Audit log' });
  await audit.getByText('ann unbanned ben').waitFor();
  await audit.getByText('ann banned ben').waitFor();
  await ben.join(roomId);
});

test('an owner times a member out, and ends it; the member cannot write meanwhile', async () => {
  const [ann, ben] = [await signUp(demo.node, 'ann'), await signUp(demo.node, 'ben')];
  const roomId = await ann.createRoom('the loud hall');
  await ben.join(roomId);
  const [annes, bens] = [
    await demo.openRoom(ann.username, 'the loud hall'),
    await demo.openRoom(ben.username, 'the loud hall'),
  ];
  await bens.getByRole('textbox', { name: 'Write a message' }).waitFor();
  await annes.getByRole('button', { name: /members?$/ }).click();
  const members = annes.getByRole('dialog', { name: 'Members' });
  await members.getByRole('button', { name: 'Moderate ben' }).click();
  const panel = members.getByRole('region', { name: 'Moderate ben' });
  await panel.getByLabel('Reason').fill('too loud');
  await panel.getByLabel('For how long').selectOption('5 minutes');
  await expectAccessible(annes);
  if (SHOTS) await annes.screenshot({ path: `${SHOTS}/moderation.png` });
  await panel.getByRole('button', { name: 'Time out' }).click();
  await bens.getByText('You cannot send messages here for a while.').waitFor();
  await members.getByText('timed out until').waitFor();
  await panel.getByRole('button', { name: 'End timeout' }).click();
  await bens.getByRole('textbox', { name: 'Write a message' }).waitFor();
});
