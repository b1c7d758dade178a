import type { RegisterInput } from '@parley/client';
import { sendsMail } from '@parley/client/account';
import { type SecondStep, signIn } from '@parley/client/factors';
import { offersPasskeys } from '@parley/client/passkeys';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { registrationMode } from '../platform/page.ts';
import { ForgotPassword } from './forgot-password.tsx';
import { Field, Form, type Problem } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Logo } from './icons.tsx';
import { PasskeySignIn } from './passkey-sign-in.tsx';
import { Preferences } from './preferences.tsx';
import { Notice } from './problems.tsx';
import { Providers } from './providers.tsx';
import { SecondStepForm } from './second-step.tsx';

export function SignInPage(): JSX.Element {
  const t = useTexts();
  const connection = useValue(client.connection);
  const [isNew, setNew] = useState(registrationMode !== 'closed');
  const hasEnded = connection.status === 'signed-out' && connection.reason === 'SESSION_ENDED';
  return (
    <main class="welcome">
      <header class="welcome-text">
        <Logo />
        <h1>Parley</h1>
        <p class="promise">{t.promise}</p>
        <p>{t.promiseMore}</p>
      </header>
      <section class="card" aria-label={isNew ? t.signUp : t.signIn}>
        {hasEnded && <p class="hint wrong">{t.sessionEnded}</p>}
        {registrationMode !== 'closed' && <Choice isNew={isNew} onChoose={setNew} />}
        {isNew ? <SignUp /> : <SignIn />}
        <Providers />
        {registrationMode === 'closed' && <p class="hint">{t.registrationClosed}</p>}
      </section>
      <Preferences />
      <Notice />
    </main>
  );
}

function Choice({ isNew, onChoose }: { isNew: boolean; onChoose: (isNew: boolean) => void }): JSX.Element {
  const t = useTexts();
  const option = (value: boolean, label: string) => (
    <button type="button" aria-pressed={isNew === value} onClick={() => onChoose(value)}>
      {label}
    </button>
  );
  return (
    <div class="choice">
      {option(true, t.signUp)}
      {option(false, t.signIn)}
    </div>
  );
}

function SignUp(): JSX.Element {
  const t = useTexts();
  const submit = (values: Record<string, string>) => client.register(values as unknown as RegisterInput);
  const fields = ['username', 'displayName', 'email', 'password', 'inviteToken'];
  return (
    <Form label={t.signUp} submit={submit} fields={fields}>
      {(problem) => (
        <AccountFields problem={problem}>
          <Field
            name="displayName"
            label={t.displayName}
            problem={problem}
            autocomplete="name"
            maxLength={100}
          />
        </AccountFields>
      )}
    </Form>
  );
}

interface AccountFieldsProps {
  readonly problem: Problem;
  /** More fields, below the username. */
  readonly children?: ComponentChildren;
}

/** What a new account needs. */
export function AccountFields({ problem, children }: AccountFieldsProps): JSX.Element {
  const t = useTexts();
  return (
    <>
      <Field
        name="username"
        label={t.username}
        hint={t.usernameHint}
        problem={problem}
        autocomplete="username"
        pattern="[A-Za-z0-9_\-]{3,50}"
        required
      />
      {children}
      <Field name="email" label={t.email} problem={problem} type="email" autocomplete="email" required />
      <Field
        name="password"
        label={t.password}
        hint={t.passwordHint}
        problem={problem}
        type="password"
        autocomplete="new-password"
        minLength={8}
        maxLength={256}
        required
      />
      {registrationMode === 'invite' && (
        <Field
          name="inviteToken"
          label={t.inviteToken}
          hint={t.registrationInvite}
          problem={problem}
          required
        />
      )}
    </>
  );
}

function SignIn(): JSX.Element {
  const t = useTexts();
  const [isForgotten, setForgotten] = useState(false);
  const [hasMail, setMail] = useState(false);
  const [hasPasskeys, setPasskeys] = useState(false);
  const [step, setStep] = useState<SecondStep | null>(null);
  useEffect(() => {
    sendsMail(client).then(setMail, () => undefined);
    offersPasskeys(client).then(setPasskeys, () => undefined);
  }, []);
  const submit = async ({ usernameOrEmail = '', password = '' }: Record<string, string>) =>
    setStep(await signIn(client, { usernameOrEmail, password }));
  if (step) return <SecondStepForm step={step} onCancel={() => setStep(null)} />;
  return (
    <>
      <Form label={t.signIn} submit={submit} fields={['usernameOrEmail', 'password']}>
        {(problem) => (
          <>
            <Field
              name="usernameOrEmail"
              label={t.usernameOrEmail}
              problem={problem}
              autocomplete="username webauthn"
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
      {hasPasskeys && <PasskeySignIn />}
      {hasMail && (
        <button type="button" class="plain" onClick={() => setForgotten(true)}>
          {t.forgotPassword}
        </button>
      )}
      {isForgotten && <ForgotPassword onClose={() => setForgotten(false)} />}
    </>
  );
}
