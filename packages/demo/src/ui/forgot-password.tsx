import { requestPasswordReset } from '@parley/client/account';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { Dialog } from './dialog.tsx';
import { Field, Form } from './form.tsx';
import { useTexts } from './hooks.ts';

/** Asks for the mail with which a user chooses a new password. */
export function ForgotPassword({ onClose }: { onClose: () => void }): JSX.Element {
  const t = useTexts();
  const [isSent, setSent] = useState(false);
  const submit = async ({ usernameOrEmail = '' }: Record<string, string>) => {
    await requestPasswordReset(client, usernameOrEmail);
    setSent(true);
  };
  return (
    <Dialog title={t.forgotPassword} onClose={onClose}>
      <p role="status" class="hint">
        {isSent ? t.resetSent : t.forgotPasswordHint}
      </p>
      {!isSent && (
        <Form label={t.sendLink} submit={submit} fields={['usernameOrEmail']}>
          {(problem) => (
            <Field
              name="usernameOrEmail"
              label={t.usernameOrEmail}
              problem={problem}
              autocomplete="username"
              required
            />
          )}
        </Form>
      )}
    </Dialog>
  );
}
