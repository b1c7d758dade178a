import { afterAll, expect, test } from 'vitest';
import {
  accountOf,
  changeEmail,
  changePassword,
  deleteAccount,
  deviceLabel,
  devicesOf,
  mailLinkIn,
  requestEmailVerification,
  requestPasswordReset,
  resetPassword,
  sendsMail,
  signOutDevice,
  signOutOthers,
  verifyEmail,
} from '../../packages/client/src/account.ts';
import {
  beginTotp,
  completeSignIn,
  confirmTotp,
  disableTotp,
  factorsOf,
  regenerateRecoveryCodes,
  signIn,
} from '../../packages/client/src/factors.ts';
import { until } from '../../packages/client/src/index.ts';
import { Mailbox } from '../harness/mailbox.ts';
import { signUp } from '../harness/people.ts';
import { Device, PASSWORD } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';
import { codeOf, wrongCodeOf } from '../harness/totp.ts';

// What clients do with the account of their user.

const mailbox = await Mailbox.open();
afterAll(() => mailbox.close());

let stage: Stage;
setStage(
  (ready) => {
    stage = ready;
  },
  'stop',
  { SMTP_URL: mailbox.url, MAIL_FROM: 'parley@example.org', PUBLIC_URL: 'https://chat.example.org/' },
);

const opened: Device[] = [];
const newDevice = () => {
  const device = new Device(stage.node.url);
  opened.push(device);
  return device;
};

afterAll(() => Promise.all(opened.map(({ client }) => client.close())));

const signedOut = (device: Device) =>
  until(device.client.connection, ({ status }) => status === 'signed-out');

test('a user sees devices, and signs them out', async () => {
  const ann = await signUp(stage.node, 'ann');
  const [laptop, phone, tablet] = [newDevice(), newDevice(), newDevice()];
  for (const device of [laptop, phone, tablet]) await device.signIn(ann);
  const list = await devicesOf(laptop.client);
  expect(list.map(({ isCurrent }) => isCurrent)).toEqual([false, false, true, false]);
  expect(deviceLabel(list[2] as (typeof list)[0])).toBe('node');
  await signOutDevice(laptop.client, list[1]?.id ?? '');
  await signedOut(phone);
  expect(await signOutOthers(laptop.client)).toBe(2);
  await signedOut(tablet);
  expect(await devicesOf(laptop.client)).toHaveLength(1);
});

test('a user changes the password', async () => {
  const bea = await signUp(stage.node, 'bea');
  const [here, there] = [newDevice(), newDevice()];
  for (const device of [here, there]) await device.signIn(bea);
  const wrong = changePassword(here.client, 'wrong password', 'a better password');
  await expect(wrong).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
    path: ['input', 'currentPassword'],
  });
  const common = changePassword(here.client, PASSWORD, 'password123');
  await expect(common).rejects.toMatchObject({ code: 'VALIDATION', path: ['input', 'newPassword'] });
  await changePassword(here.client, PASSWORD, 'a better password');
  await signedOut(there);
  await there.client.login(bea.username, 'a better password');
  await there.live();
});

test('a user deletes the account: nothing is left on the device, and others see no name any more', async () => {
  const [eve, fay] = await Promise.all([signUp(stage.node, 'eve'), signUp(stage.node, 'fay')]);
  const roomId = await fay.createRoom('where eve wrote');
  await eve.join(roomId);
  await eve.say(roomId, 'hello');
  const other = await newDevice().signIn(fay);
  await other.shows(roomId, ['hello']);
  const device = await newDevice().signIn(eve);
  const wrong = deleteAccount(device.client, { proof: { password: 'wrong password' } });
  await expect(wrong).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
    path: ['input', 'proof', 'password'],
  });
  await deleteAccount(device.client, { proof: { password: PASSWORD } });
  await signedOut(device);
  const author = () => other.client.room(roomId).messages.getSnapshot()[0]?.author;
  await expect.poll(author).toMatchObject({ displayName: 'Deleted user', isDeleted: true });
  expect(device.client.viewer.getSnapshot()).toBeNull();
  await expect(device.client.login(eve.username, PASSWORD)).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
  });
});

test('a user verifies an address, changes it, and gets a new password by a mail', async () => {
  const cat = await signUp(stage.node, 'cat');
  const email = `${cat.username}@example.org`;
  const device = await newDevice().signIn(cat);
  const { client } = newDevice();
  const next = async (to: string) => {
    const link = /https:\S+/.exec((await mailbox.next(to)).text)?.[0] ?? '';
    return mailLinkIn(link) ?? { action: null, token: '' };
  };
  await next(email);
  expect(await accountOf(device.client)).toEqual({
    email,
    isEmailVerified: false,
    newEmail: null,
    sendsMail: true,
  });
  expect(await requestEmailVerification(device.client)).toBe(email);
  const { action, token } = await next(email);
  expect(action).toBe('verify');
  expect(await verifyEmail(client, token)).toBe(email);
  await expect(verifyEmail(client, token)).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
  await changeEmail(device.client, `new-${email}`, PASSWORD);
  await verifyEmail(client, (await next(`new-${email}`)).token);
  expect(await accountOf(device.client)).toMatchObject({ email: `new-${email}`, isEmailVerified: true });

  expect(await sendsMail(client)).toBe(true);
  await requestPasswordReset(client, 'nobody-at-all');
  await requestPasswordReset(client, cat.username);
  const link = await next(`new-${email}`);
  expect(link.action).toBe('reset');
  await resetPassword(client, link.token, 'a better password');
  expect((await until(client.viewer, (viewer) => viewer !== null))?.id).toBe(cat.userId);
  await signedOut(device);
  expect(mailLinkIn('https://example.org/#/room/1')).toBeNull();
});

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0', 'Firefox, Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Safari/537.36 Edg/144.0.0.0',
    'Edge, Windows',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Mobile Safari/537.36',
    'Chrome, Android',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
    'Safari, iPhone',
  ],
  ['curl/8.5.0', 'curl'],
  ['', null],
])('the device %j is called %j', (userAgent, label) => {
  expect(deviceLabel({ deviceName: null, userAgent })).toBe(label);
  expect(deviceLabel({ deviceName: 'My phone', userAgent })).toBe('My phone');
});

test('a user sets up an app with codes, signs in with it, and removes it', async () => {
  const fay = await signUp(stage.node, 'fay');
  const email = `${fay.username}@example.org`;
  const [first, second, third] = [newDevice(), newDevice(), newDevice()];
  await first.signIn(fay);
  const proof = { password: PASSWORD };
  const tokenOf = ({ text }: { text: string }) => mailLinkIn(/https:\S+/.exec(text)?.[0] ?? '')?.token ?? '';
  // A link to an address that was not verified before would remove the app.
  await verifyEmail(first.client, tokenOf(await mailbox.next(email)));
  const { secret, uri } = await beginTotp(first.client, proof);
  expect(uri).toMatch(/^otpauth:/);
  await expect(confirmTotp(first.client, wrongCodeOf(secret))).rejects.toMatchObject({
    path: ['input', 'code'],
  });
  const recoveryCodes = await confirmTotp(first.client, codeOf(secret));
  expect(await factorsOf(first.client)).toEqual({ totpEnabledAt: expect.any(String), recoveryCodesLeft: 10 });

  await expect(second.client.login(fay.username, PASSWORD)).rejects.toMatchObject({
    code: 'SECOND_FACTOR_REQUIRED',
    message: expect.stringContaining('second factor'),
  });
  const credentials = { usernameOrEmail: fay.username, password: PASSWORD };
  await expect(signIn(second.client, { ...credentials, password: 'wrong' })).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
  });
  const step = await signIn(second.client, credentials);
  if (!step) throw new Error('no second step');
  expect(step.methods).toEqual(['TOTP', 'RECOVERY_CODE']);
  await expect(completeSignIn(second.client, step, wrongCodeOf(secret))).rejects.toMatchObject({
    code: 'INVALID_CREDENTIALS',
    path: ['input', 'code'],
  });
  await completeSignIn(second.client, step, codeOf(secret, 1), 'the second one');
  await second.live();
  expect((await devicesOf(second.client)).map(deviceLabel)).toContain('the second one');

  await requestPasswordReset(third.client, fay.username);
  let mail = await mailbox.next(email);
  while (!mail.text.includes('#reset=')) mail = await mailbox.next(email);
  const newPassword = 'a better password';
  const needed = await resetPassword(third.client, tokenOf(mail), newPassword);
  if (!needed) throw new Error('no second step');
  await completeSignIn(third.client, needed, recoveryCodes[0] as string);
  await third.live();

  const [, code = '', other = ''] = recoveryCodes;
  const [newest = ''] = await regenerateRecoveryCodes(third.client, { password: newPassword, code });
  await expect(disableTotp(third.client, { password: newPassword, code: other })).rejects.toMatchObject({
    path: ['input', 'proof', 'code'],
  });
  await disableTotp(third.client, { password: newPassword, code: newest });
  expect(await factorsOf(third.client)).toEqual({ totpEnabledAt: null, recoveryCodesLeft: 0 });
  expect(await signIn(first.client, { ...credentials, password: newPassword })).toBeNull();
  await first.live();
});
