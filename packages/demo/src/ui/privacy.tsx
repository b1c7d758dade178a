import { type ContactRule, type Privacy, privacyOf, updatePrivacy } from '@parley/client/profile';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { blocked } from '../platform/people.ts';
import { BlockButton } from './blocked.tsx';
import { useTexts, useValue } from './hooks.ts';
import { nameOf } from './people.tsx';
import { attempt } from './problems.tsx';

const RULES: readonly ContactRule[] = ['EVERYONE', 'SHARED_ROOMS', 'NOBODY'];

/** Who may reach the viewer. */
export function PrivacySettings(): JSX.Element {
  const t = useTexts();
  const [privacy, setPrivacy] = useState<Privacy | null>(null);
  useEffect(() => attempt(async () => setPrivacy(await privacyOf(client))), []);
  const choice = (label: string, way: 'directMessagesFrom' | 'addableBy') => (
    <label class="field">
      {label}
      <select
        value={privacy?.[way]}
        disabled={!privacy}
        onChange={({ currentTarget }) =>
          attempt(async () => setPrivacy(await updatePrivacy(client, { [way]: currentTarget.value })))
        }
      >
        {RULES.map((rule) => (
          <option key={rule} value={rule}>
            {t.contactRules[rule]}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <section class="settings" aria-label={t.privacy}>
      <h3>{t.privacy}</h3>
      {choice(t.directMessagesFrom, 'directMessagesFrom')}
      {choice(t.addableBy, 'addableBy')}
      <BlockedList />
    </section>
  );
}

function BlockedList(): JSX.Element | null {
  const t = useTexts();
  const list = useValue(blocked);
  if (!list?.length) return null;
  return (
    <>
      <h4>{t.blockedUsers}</h4>
      <ul class="setting-list">
        {list.map(({ user }) => (
          <li key={user.id}>
            <span>
              {nameOf(user, t)} <small>@{user.username}</small>
            </span>
            <BlockButton person={user} />
          </li>
        ))}
      </ul>
    </>
  );
}
