import {
  createPasskey,
  deletePasskey,
  offersPasskeys,
  type PasskeyInfo,
  renamePasskey,
} from '@parley/client/passkeys';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { hasOneWayIn, loadWaysIn, proofWith, type WaysIn } from '../platform/ways-in.ts';
import { language } from '../texts/texts.ts';
import { Field, Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { attempt } from './problems.tsx';
import { ProofFields } from './proof.tsx';
import { momentOf } from './times.ts';

/** The passkeys of the viewer. Nothing where the page cannot use any, and there are none. */
export function Passkeys(): JSX.Element | null {
  const t = useTexts();
  const [ways, setWays] = useState<WaysIn | null>(null);
  const [isOffered, setOffered] = useState(false);
  const load = async () => setWays(await loadWaysIn());
  useEffect(() => {
    attempt(async () => setOffered(await offersPasskeys(client)));
    attempt(load);
  }, []);
  if (!ways || (!isOffered && ways.passkeys.length === 0)) return null;
  return (
    <section class="settings" aria-label={t.passkeys}>
      <h3>{t.passkeys}</h3>
      <p class="hint">{t.passkeysHint}</p>
      <ul class="passkeys">
        {ways.passkeys.map((passkey) => (
          <li key={passkey.id}>
            <Passkey passkey={passkey} ways={ways} onChange={load} />
          </li>
        ))}
      </ul>
      {isOffered && <NewPasskey ways={ways} onChange={load} />}
    </section>
  );
}

interface PasskeyProps {
  readonly passkey: PasskeyInfo;
  readonly ways: WaysIn;
  readonly onChange: () => Promise<void>;
}

function Passkey({ passkey, ways, onChange }: PasskeyProps): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const { id, name, lastUsedAt } = passkey;
  const rename = async ({ name: other = '' }: Record<string, string>) => {
    await renamePasskey(client, id, other);
    await onChange();
  };
  const remove = async (values: Record<string, string>) => {
    await deletePasskey(client, id, await proofWith(ways, values));
    await onChange();
  };
  return (
    <details>
      <summary>
        {name} <small>{lastUsedAt ? t.lastUsed(momentOf(code, lastUsedAt)) : t.neverUsed}</small>
      </summary>
      <Form label={t.rename} submit={rename} fields={['name']}>
        {(problem) => <PasskeyName problem={problem} />}
      </Form>
      {!hasOneWayIn(ways) && (
        <Form label={t.deletePasskey} submit={remove} fields={['password', 'code']}>
          {(problem) => <ProofFields problem={problem} ways={ways} />}
        </Form>
      )}
    </details>
  );
}

function NewPasskey({ ways, onChange }: Omit<PasskeyProps, 'passkey'>): JSX.Element {
  const t = useTexts();
  const create = async ({ name = '', ...values }: Record<string, string>) => {
    const proof = await proofWith(ways, values);
    await createPasskey(client, { name, ...(proof && { proof }) });
    await onChange();
  };
  return (
    <details>
      <summary>{t.newPasskey}</summary>
      <Form label={t.createPasskey} submit={create} fields={['name', 'password', 'code']}>
        {(problem) => (
          <>
            <PasskeyName problem={problem} />
            <ProofFields problem={problem} ways={ways} />
          </>
        )}
      </Form>
    </details>
  );
}

function PasskeyName({ problem }: { problem: { field: string | null; text: string } | null }): JSX.Element {
  const t = useTexts();
  return (
    <Field
      name="name"
      label={t.passkeyName}
      hint={t.passkeyNameHint}
      problem={problem}
      maxLength={100}
      required
    />
  );
}
