import { deleteAccount } from '@parley/client/account';
import { identitiesOf } from '@parley/client/sign-in';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { Form } from './form.tsx';
import { useTexts } from './hooks.ts';
import { attempt } from './problems.tsx';
import { CodeField } from './second-step.tsx';
import { ProofFields } from './two-step.tsx';

/** Behind a summary, so that nobody deletes the account by mistake. */
export function Deletion(): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <section class="settings" aria-label={t.deleteAccount}>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{t.deleteAccount}</summary>
        {isOpen && <DeletionForm />}
      </details>
    </section>
  );
}

interface Needs {
  readonly password: boolean;
  readonly code: boolean;
}

/** Asks for what the account has now. Afterwards the page shows the sign-in. */
function DeletionForm(): JSX.Element | null {
  const t = useTexts();
  const [needs, setNeeds] = useState<Needs | null>(null);
  const load = async () => {
    const account = await identitiesOf(client);
    if (account) setNeeds({ password: account.hasPassword, code: account.totpEnabledAt !== null });
  };
  useEffect(() => attempt(load), []);
  if (!needs) return null;
  const submit = ({ erasesMessages, ...proof }: Record<string, string>) =>
    deleteAccount(client, { proof, erasesMessages: erasesMessages === 'on' });
  return (
    <>
      <p class="hint">{t.deleteAccountHint}</p>
      {!needs.password && <p class="hint">{t.recentSignInHint}</p>}
      <Form label={t.deleteAccount} submit={submit} fields={['password', 'code']}>
        {(problem) => (
          <>
            <label class="option">
              <input type="checkbox" name="erasesMessages" /> {t.erasesMessages}
            </label>
            <p class="hint">{t.messagesStayHint}</p>
            {needs.password && <ProofFields problem={problem} needsCode={needs.code} />}
            {!needs.password && needs.code && <CodeField problem={problem} hint={t.codeHint} />}
          </>
        )}
      </Form>
    </>
  );
}
