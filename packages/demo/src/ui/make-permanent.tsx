import { upgradeGuest } from '@parley/client/invites';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { registrationMode } from '../platform/page.ts';
import { Dialog } from './dialog.tsx';
import { Form } from './form.tsx';
import { useTexts } from './hooks.ts';
import { AccountFields } from './sign-in.tsx';

/** Turns the guest of this page into a user with an account. */
export function MakePermanent({ onClose }: { onClose: () => void }): JSX.Element {
  const t = useTexts();
  const submit = async ({ username = '', email = '', password = '', ...more }: Record<string, string>) => {
    await upgradeGuest(client, { username, email, password, ...more });
    onClose();
  };
  return (
    <Dialog title={t.makePermanent} onClose={onClose}>
      <p class="hint">{registrationMode === 'closed' ? t.registrationClosed : t.makePermanentHint}</p>
      {registrationMode !== 'closed' && (
        <Form
          label={t.makePermanent}
          submit={submit}
          fields={['username', 'email', 'password', 'inviteToken']}
        >
          {(problem) => <AccountFields problem={problem} />}
        </Form>
      )}
    </Dialog>
  );
}
