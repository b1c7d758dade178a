import { expect, test } from 'vitest';
import { expectAccessible } from '../harness/accessibility.ts';
import { useDemo } from '../harness/demo.ts';
import { signUp } from '../harness/people.ts';

// The settings of a room in the demo: slow mode, and who sends messages.

const SHOTS = process.env['DEMO_SHOTS'];

const demo = useDemo();

test('an owner sets slow mode and who sends messages; members wait, react and reply in threads', async () => {
  const [ann, ben] = [await signUp(demo.node, 'ann'), await signUp(demo.node, 'ben')];
  const roomId = await ann.createRoom('the slow hall');
  await ben.join(roomId);
  await ann.say(roomId, 'hello');
  const [annes, bens] = [
    await demo.openRoom(ann.username, 'the slow hall'),
    await demo.openRoom(ben.username, 'the slow hall'),
  ];
  const writing = bens.getByRole('textbox', { name: 'Write a message' });
  await writing.waitFor();
  await bens.getByRole('button', { name: 'Room settings' }).click();
  await bens.getByRole('dialog', { name: 'Room settings' }).waitFor();
  expect(await bens.getByRole('region', { name: 'For all members' }).count()).toBe(0);
  await bens.keyboard.press('Escape');

  await annes.getByRole('button', { name: 'Room settings' }).click();
  const rules = annes.getByRole('region', { name: 'For all members' });
  await rules.waitFor();
  await expectAccessible(annes);
  const slowMode = rules.getByLabel('Slow mode');
  await slowMode.focus();
  await slowMode.selectOption('1 hour');
  await writing.fill('one');
  await writing.press('Enter');
  await bens.getByText(/^Slow mode: you can send the next message in \d+:\d\d\.$/).waitFor();
  await writing.fill('two');
  expect(await bens.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
  await expectAccessible(bens);
  if (SHOTS) await bens.screenshot({ path: `${SHOTS}/slow-mode.png` });
  await slowMode.selectOption('Off');
  await bens.getByRole('timer').waitFor({ state: 'detached' });
  await writing.press('Enter');
  await annes.getByText('two', { exact: true }).waitFor();

  await rules
    .getByLabel('Who sends messages')
    .selectOption('Moderators; all others react and reply in threads');
  await bens.getByText('You cannot send messages in this room.').waitFor();
  if (SHOTS) await annes.screenshot({ path: `${SHOTS}/room-settings.png` });
  const hello = bens.locator('#messages').getByRole('listitem').filter({ hasText: 'hello' });
  await hello.hover();
  await hello.getByRole('button', { name: 'Reply in a thread' }).click();
  const replying = bens.getByRole('textbox', { name: 'Write a reply' });
  await replying.fill('a reply');
  await replying.press('Enter');
  await bens.getByRole('complementary', { name: 'Thread' }).getByText('a reply').waitFor();
  await expect.poll(() => bens.getByLabel('Also send to the room').count()).toBe(0);
});

test('a user asks to join a room of the directory, and its owner accepts', async () => {
  const [cat, dan] = [await signUp(demo.node, 'cat'), await signUp(demo.node, 'dan')];
  await cat.createRoom('the guarded hall');
  const [cats, dans] = [
    await demo.openRoom(cat.username, 'the guarded hall'),
    await demo.signIn(dan.username),
  ];
  await cats.getByRole('button', { name: 'Room settings' }).click();
  await cats.getByLabel('Who can join').selectOption('By request');
  await dans.getByRole('link', { name: 'Directory' }).click();
  await dans.getByRole('button', { name: 'Ask to join: the guarded hall' }).click();
  await dans.getByLabel('Why you would like to join').fill('I like halls');
  await expectAccessible(dans);
  await dans.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  await dans.getByRole('button', { name: 'Take request back: the guarded hall' }).waitFor();
  const requests = cats.getByRole('region', { name: 'Requests to join' });
  await requests.getByText('I like halls').waitFor();
  await expectAccessible(cats);
  if (SHOTS) await cats.screenshot({ path: `${SHOTS}/join-requests.png` });
  await requests.getByRole('button', { name: /^Accept: / }).click();
  await dans.getByRole('navigation').getByRole('link', { name: 'the guarded hall' }).waitFor();
  await requests.waitFor({ state: 'detached' });
});
