import { deleteAccount } from '@parley/client/account';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { loadWaysIn, proofWith, type WaysIn } from '../platform/ways-in.ts';
import { Form } from './form.tsx';
import { useTexts } from './hooks.ts';
import { attempt } from './problems.tsx';
import { ProofFields } from './proof.tsx';
import { CodeField } from './second-step.tsx';

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

/** Asks for what the account has now. Afterwards the page shows the sign-in. */
function DeletionForm(): JSX.Element | null {
  const t = useTexts();
  const [ways, setWays] = useState<WaysIn | null>(null);
  const load = async () => setWays(await loadWaysIn());
  useEffect(() => attempt(load), []);
  if (!ways) return null;
  const needsRecent = !ways.hasPassword && ways.passkeys.length === 0;
  const submit = async ({ erasesMessages, ...values }: Record<string, string>) => {
    const proof = needsRecent ? values : await proofWith(ways, values);
    await deleteAccount(client, { ...(proof && { proof }), erasesMessages: erasesMessages === 'on' });
  };
  return (
    <>
      <p class="hint">{t.deleteAccountHint}</p>
      {needsRecent && <p class="hint">{t.recentSignInHint}</p>}
      <Form label={t.deleteAccount} submit={submit} fields={['password', 'code']}>
        {(problem) => (
          <>
            <label class="option">
              <input type="checkbox" name="erasesMessages" /> {t.erasesMessages}
            </label>
            <p class="hint">{t.messagesStayHint}</p>
            <ProofFields problem={problem} ways={ways} />
            {needsRecent && ways.hasApp && <CodeField problem={problem} hint={t.codeHint} />}
          </>
        )}
      </Form>
    </>
  );
}
