import { completeSignIn, type SecondStep } from '@parley/client/factors';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { Field, Form } from './form.tsx';
import { useTexts } from './hooks.ts';

interface SecondStepProps {
  readonly step: SecondStep;
  readonly onCancel: () => void;
  readonly onDone?: () => void;
}

/** Asks for the code that completes a sign-in. */
export function SecondStepForm({ step, onCancel, onDone }: SecondStepProps): JSX.Element {
  const t = useTexts();
  const submit = async ({ code = '' }: Record<string, string>) => {
    await completeSignIn(client, step, code);
    onDone?.();
  };
  return (
    <>
      <p class="hint">{t.secondStepHint}</p>
      <Form label={t.signIn} submit={submit} fields={['code']}>
        {(problem) => <CodeField problem={problem} hint={t.codeHint} />}
      </Form>
      <button type="button" class="plain" onClick={onCancel}>
        {t.cancel}
      </button>
    </>
  );
}

interface CodeFieldProps {
  readonly problem: { field: string | null; text: string } | null;
  readonly hint?: string;
}

export function CodeField({ problem, hint }: CodeFieldProps): JSX.Element {
  const t = useTexts();
  return (
    <Field
      name="code"
      label={t.code}
      {...(hint && { hint })}
      problem={problem}
      autocomplete="one-time-code"
      maxLength={64}
      required
    />
  );
}
