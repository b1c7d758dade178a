import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { account } from '../platform/account.ts';
import { SendLink } from './account.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';

/** Reminds the viewer to verify the address, where a link can be sent, until the reminder is closed. */
export function UnverifiedEmail(): JSX.Element | null {
  const t = useTexts();
  const shown = useValue(account);
  const [isClosed, setClosed] = useState(false);
  if (isClosed || !shown?.sendsMail || !shown.email || shown.isEmailVerified) return null;
  return (
    <aside class="reminder" aria-label={t.verifyEmail}>
      <span>{t.verifyReminder(shown.email)}</span>
      <SendLink />
      <button type="button" class="plain" aria-label={t.close} onClick={() => setClosed(true)}>
        <Icon name="close" />
      </button>
    </aside>
  );
}
