import type { Proof } from '@parley/client/factors';
import type { JSX } from 'preact';
import type { WaysIn } from '../platform/ways-in.ts';
import { Field, Form, type Problem } from './form.tsx';
import { useTexts } from './hooks.ts';
import { CodeField } from './second-step.tsx';

interface ProofFormProps {
  readonly label: string;
  readonly submit: (proof: Proof) => Promise<unknown>;
  readonly needsCode?: boolean;
}

/** Asks for the password and, if the account has an app, for a code. */
export function ProofForm({ label, submit, needsCode = false }: ProofFormProps): JSX.Element {
  return (
    <Form label={label} submit={(values) => submit(proofOf(values))} fields={['password', 'code']}>
      {(problem) => <ProofFields problem={problem} ways={{ hasPassword: true, hasApp: needsCode }} />}
    </Form>
  );
}

const proofOf = ({ password = '', code }: Record<string, string>): Proof => ({
  password,
  ...(code && { code }),
});

interface ProofFieldsProps {
  readonly problem: Problem;
  readonly ways: Pick<WaysIn, 'hasPassword' | 'hasApp'>;
}

/** Nothing for an account without a password: the browser asks for a passkey. */
export function ProofFields({ problem, ways }: ProofFieldsProps): JSX.Element | null {
  const t = useTexts();
  if (!ways.hasPassword) return null;
  return (
    <>
      <Field
        name="password"
        label={t.password}
        problem={problem}
        type="password"
        autocomplete="current-password"
        maxLength={256}
        required
      />
      {ways.hasApp && <CodeField problem={problem} hint={t.codeHint} />}
    </>
  );
}
