import {
  changeEmail,
  changePassword,
  type DeviceInfo,
  deviceLabel,
  devicesOf,
  requestEmailVerification,
  signOutDevice,
  signOutOthers,
} from '@parley/client/account';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { account, loadAccount } from '../platform/account.ts';
import { client } from '../platform/chat.ts';
import { language } from '../texts/texts.ts';
import { Deletion } from './deletion.tsx';
import { Dialog } from './dialog.tsx';
import { Factors } from './factors.tsx';
import { Field, Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Identities } from './identities.tsx';
import { PrivacySettings } from './privacy.tsx';
import { attempt } from './problems.tsx';
import { ServerEmojis } from './server-emojis.tsx';
import { momentOf } from './times.ts';

/** The account of the viewer: address, devices, password and second factors. */
export function AccountDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const t = useTexts();
  return (
    <Dialog title={t.account} onClose={onClose}>
      <Email />
      <Identities />
      <PrivacySettings />
      <Devices />
      <NewPassword />
      <ServerEmojis />
      <Factors />
      <Deletion />
    </Dialog>
  );
}

function Email(): JSX.Element | null {
  const t = useTexts();
  const shown = useValue(account);
  if (!shown?.email) return null;
  const { email, isEmailVerified, newEmail, sendsMail } = shown;
  return (
    <section class="settings" aria-label={t.email}>
      <h3>{t.email}</h3>
      <p>
        {email} <small>{isEmailVerified ? t.verified : t.notVerified}</small>
      </p>
      {newEmail && <p>{t.emailPending(newEmail)}</p>}
      {sendsMail && (newEmail || !isEmailVerified) && <SendLink />}
      {sendsMail && <NewEmail />}
    </section>
  );
}

/** Sends the mail that verifies the address, and says so. */
export function SendLink(): JSX.Element {
  const t = useTexts();
  const [sentTo, setSentTo] = useState<string | null>(null);
  const send = async () => setSentTo(await requestEmailVerification(client));
  if (sentTo) return <span role="status">{t.linkSent(sentTo)}</span>;
  return (
    <button type="button" onClick={() => attempt(send)}>
      {t.sendVerification}
    </button>
  );
}

function NewEmail(): JSX.Element {
  const t = useTexts();
  const submit = async ({ newEmail = '', password = '' }: Record<string, string>) => {
    await changeEmail(client, newEmail, password);
    await loadAccount();
  };
  return (
    <details>
      <summary>{t.changeEmail}</summary>
      <Form label={t.changeEmail} submit={submit} fields={['newEmail', 'password']}>
        {(problem) => (
          <>
            <Field
              name="newEmail"
              label={t.newEmail}
              hint={t.newEmailHint}
              problem={problem}
              type="email"
              autocomplete="email"
              required
            />
            <Field
              name="password"
              label={t.password}
              problem={problem}
              type="password"
              autocomplete="current-password"
              required
            />
          </>
        )}
      </Form>
    </details>
  );
}

function Devices(): JSX.Element {
  const t = useTexts();
  const [list, setList] = useState<readonly DeviceInfo[]>([]);
  const load = async () => setList(await devicesOf(client));
  useEffect(() => attempt(load), []);
  const after = (change: Promise<unknown>) => change.then(load);
  return (
    <section class="settings" aria-label={t.devices}>
      <h3>{t.devices}</h3>
      <ul class="setting-list">
        {list.map((device) => (
          <li key={device.id}>
            <Device device={device} />
            {!device.isCurrent && (
              <button type="button" onClick={() => attempt(() => after(signOutDevice(client, device.id)))}>
                {t.signOut}
              </button>
            )}
          </li>
        ))}
      </ul>
      {list.length > 1 && (
        <button type="button" onClick={() => attempt(() => after(signOutOthers(client)))}>
          {t.signOutOthers}
        </button>
      )}
    </section>
  );
}

function Device({ device }: { device: DeviceInfo }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  return (
    <span>
      {deviceLabel(device) ?? t.unknownDevice}
      <small>{device.isCurrent ? t.thisDevice : t.lastUsed(momentOf(code, device.lastUsedAt))}</small>
    </span>
  );
}

function NewPassword(): JSX.Element {
  const t = useTexts();
  const [isDone, setDone] = useState(false);
  const submit = async ({ currentPassword = '', newPassword = '' }: Record<string, string>) => {
    setDone(false);
    await changePassword(client, currentPassword, newPassword);
    setDone(true);
  };
  return (
    <section class="settings" aria-label={t.changePassword}>
      <h3>{t.changePassword}</h3>
      <p role="status" class="hint">
        {isDone ? t.passwordChanged : t.changePasswordHint}
      </p>
      <Form label={t.changePassword} submit={submit} fields={['currentPassword', 'newPassword']}>
        {(problem) => (
          <>
            <Field
              name="currentPassword"
              label={t.currentPassword}
              problem={problem}
              type="password"
              autocomplete="current-password"
              maxLength={256}
              required
            />
            <Field
              name="newPassword"
              label={t.newPassword}
              hint={t.passwordHint}
              problem={problem}
              type="password"
              autocomplete="new-password"
              minLength={8}
              maxLength={256}
              required
            />
          </>
        )}
      </Form>
    </section>
  );
}
