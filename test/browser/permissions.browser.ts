import { expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { useDemo } from '../harness/demo.ts';
import { signUp } from '../harness/people.ts';

// The permissions of a room in the demo.

const SHOTS = process.env['DEMO_SHOTS'];

const demo = useDemo();

test('an owner takes a permission from a role by keyboard; members lose it at once, and others see no table', async () => {
  const [ann, ben] = [await signUp(demo.node, 'ann'), await signUp(demo.node, 'ben')];
  const roomId = await ann.createRoom('the quiet hall');
  await ben.join(roomId);
  await ann.say(roomId, 'hello');
  const [annes, bens] = [
    await demo.openRoom(ann.username, 'the quiet hall'),
    await demo.openRoom(ben.username, 'the quiet hall'),
  ];
  await bens.getByRole('textbox', { name: 'Write a message' }).waitFor();
  await annes.getByRole('button', { name: 'Room settings' }).click();
  const table = annes.getByRole('region', { name: 'Permissions', exact: true });
  await table.waitFor();
  expect(await table.getByRole('columnheader').allInnerTexts()).toEqual([
    'Admins',
    'Moderators',
    'Members',
    'Guests',
  ]);
  await expectAccessible(annes);
  const cell = table.getByLabel('Send messages: Members');
  await cell.focus();
  if (SHOTS) await annes.screenshot({ path: `${SHOTS}/permissions.png` });
  await annes.keyboard.type('No');
  await bens.getByText('You cannot send messages in this room.').waitFor();
  await expect.poll(() => cell.inputValue()).toBe('DENY');
  await cell.selectOption('Default');
  await bens.getByRole('textbox', { name: 'Write a message' }).waitFor();
  expect(await table.getByLabel('Manage members: Guests').getByRole('option').allInnerTexts()).toEqual([
    'Default',
    'No',
  ]);
  await bens.getByRole('button', { name: 'Room settings' }).click();
  await bens.getByRole('dialog', { name: 'Room settings' }).waitFor();
  expect(await bens.getByRole('region', { name: 'Permissions', exact: true }).count()).toBe(0);
});
