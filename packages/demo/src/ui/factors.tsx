import {
  beginTotp,
  confirmTotp,
  disableTotp,
  type FactorsInfo,
  factorsOf,
  type Proof,
  regenerateRecoveryCodes,
  type TotpSetup,
} from '@parley/client/factors';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { Form } from './form.tsx';
import { useTexts } from './hooks.ts';
import { Passkeys } from './passkeys.tsx';
import { attempt } from './problems.tsx';
import { ProofForm } from './proof.tsx';
import { QrCode } from './qr-code.tsx';
import { CodeField } from './second-step.tsx';

/** What signs in besides the password: the app that shows codes, the recovery codes, and passkeys. */
export function Factors(): JSX.Element | null {
  const t = useTexts();
  const [factors, setFactors] = useState<FactorsInfo | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const load = async () => setFactors(await factorsOf(client));
  useEffect(() => attempt(load), []);
  if (!factors) return null;
  const show = async (made: readonly string[] | null) => {
    setCodes(made);
    await load();
  };
  const { totpEnabledAt, recoveryCodesLeft } = factors;
  return (
    <>
      <section class="settings" aria-label={t.twoStep}>
        <h3>{t.twoStep}</h3>
        <p class="hint">{totpEnabledAt ? t.twoStepOn(recoveryCodesLeft) : t.twoStepHint}</p>
        {codes && <RecoveryCodes codes={codes} />}
        {totpEnabledAt ? <Change onCodes={show} /> : <SetUp onCodes={show} />}
      </section>
      <Passkeys />
    </>
  );
}

function RecoveryCodes({ codes }: { codes: readonly string[] }): JSX.Element {
  const t = useTexts();
  return (
    <div role="status">
      <p>{t.recoveryCodesHint}</p>
      <ul class="recovery-codes" aria-label={t.recoveryCodes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface WithCodes {
  readonly onCodes: (codes: readonly string[] | null) => Promise<void>;
}

function SetUp({ onCodes }: WithCodes): JSX.Element {
  const t = useTexts();
  const [setup, setSetup] = useState<TotpSetup | null>(null);
  if (setup) return <Confirm setup={setup} onCodes={onCodes} />;
  const begin = async (proof: Proof) => setSetup(await beginTotp(client, proof));
  return (
    <details>
      <summary>{t.setUpApp}</summary>
      <ProofForm label={t.goOn} submit={begin} />
    </details>
  );
}

function Confirm({ setup, onCodes }: WithCodes & { setup: TotpSetup }): JSX.Element {
  const t = useTexts();
  const submit = async ({ code = '' }: Record<string, string>) => onCodes(await confirmTotp(client, code));
  return (
    <>
      <p>{t.scanHint}</p>
      <QrCode text={setup.uri} label={t.qrCode} />
      <p class="hint">
        {t.secretByHand} <code>{setup.secret}</code>
      </p>
      <Form label={t.turnOn} submit={submit} fields={['code']}>
        {(problem) => <CodeField problem={problem} />}
      </Form>
    </>
  );
}

function Change({ onCodes }: WithCodes): JSX.Element {
  const t = useTexts();
  const renew = async (proof: Proof) => onCodes(await regenerateRecoveryCodes(client, proof));
  const remove = async (proof: Proof) => {
    await disableTotp(client, proof);
    await onCodes(null);
  };
  return (
    <>
      <details>
        <summary>{t.newRecoveryCodes}</summary>
        <ProofForm label={t.newRecoveryCodes} submit={renew} needsCode />
      </details>
      <details>
        <summary>{t.turnOff}</summary>
        <ProofForm label={t.turnOff} submit={remove} needsCode />
      </details>
    </>
  );
}
