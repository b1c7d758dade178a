import { type MailLink, resetPassword, verifyEmail } from '@parley/client/account';
import type { SecondStep } from '@parley/client/factors';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { loadAccount } from '../platform/account.ts';
import { client } from '../platform/chat.ts';
import { mailLink } from '../platform/mail-link.ts';
import { Field, Form } from './form.tsx';
import { useTexts } from './hooks.ts';
import { Logo } from './icons.tsx';
import { Preferences } from './preferences.tsx';
import { sayingOf } from './problems.tsx';
import { SecondStepForm } from './second-step.tsx';

/** The page that the link of a mail opens. */
export function MailPage({ link }: { link: MailLink }): JSX.Element {
  const t = useTexts();
  const title = link.action === 'reset' ? t.chooseNewPassword : t.verifyEmail;
  return (
    <main class="welcome">
      <header class="welcome-text">
        <Logo />
        <h1>Parley</h1>
      </header>
      <section class="card" aria-label={title}>
        <h2>{title}</h2>
        {link.action === 'reset' ? <NewPassword token={link.token} /> : <Verified token={link.token} />}
      </section>
      <Preferences />
    </main>
  );
}

const leave = () => mailLink.set(null);

function Verified({ token }: { token: string }): JSX.Element {
  const t = useTexts();
  const [email, setEmail] = useState<string | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    verifyEmail(client, token).then(setEmail, setProblem);
  }, [token]);
  const goOn = () => {
    leave();
    if (client.viewer.getSnapshot()) loadAccount().catch(() => undefined);
  };
  return (
    <>
      <p role="status" class={problem ? 'wrong' : undefined}>
        {problem ? sayingOf(problem, t) : email === null ? t.verifying : t.emailIsVerified(email)}
      </p>
      <button type="button" class="primary" onClick={goOn}>
        {t.goOn}
      </button>
    </>
  );
}

function NewPassword({ token }: { token: string }): JSX.Element {
  const t = useTexts();
  const [step, setStep] = useState<SecondStep | null>(null);
  const submit = async ({ newPassword = '' }: Record<string, string>) => {
    const needed = await resetPassword(client, token, newPassword);
    if (needed) setStep(needed);
    else leave();
  };
  if (step) return <SecondStepForm step={step} onCancel={leave} onDone={leave} />;
  return (
    <>
      <Form label={t.chooseNewPassword} submit={submit} fields={['newPassword']}>
        {(problem) => (
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
        )}
      </Form>
      <button type="button" onClick={leave}>
        {t.notNow}
      </button>
    </>
  );
}
