import { beginLink, type IdentityInfo, unlinkIdentity } from '@parley/client/sign-in';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { signInPage } from '../platform/provider-answer.ts';
import { hasOneWayIn, loadWaysIn, proofWith, type WaysIn } from '../platform/ways-in.ts';
import { language } from '../texts/texts.ts';
import { Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { attempt } from './problems.tsx';
import { ProofFields } from './proof.tsx';
import { useProviders } from './providers.tsx';
import { momentOf } from './times.ts';

/** Other systems with which the user can sign in. Nothing where there are none. */
export function Identities(): JSX.Element | null {
  const t = useTexts();
  const [shown, setShown] = useState<WaysIn | null>(null);
  const providers = useProviders();
  const load = async () => setShown(await loadWaysIn());
  useEffect(() => attempt(load), []);
  if (!shown || providers.length + shown.identities.length === 0) return null;
  const { identities } = shown;
  const unlink = (identity: IdentityInfo) => unlinkIdentity(client, identity).then(load);
  return (
    <section class="settings" aria-label={t.identities}>
      <h3>{t.identities}</h3>
      <ul class="setting-list">
        {identities.map((identity) => (
          <li key={`${identity.issuer} ${identity.subject}`}>
            <Identity identity={identity} />
            {!hasOneWayIn(shown) && (
              <button type="button" onClick={() => attempt(() => unlink(identity))}>
                {t.unlink}
              </button>
            )}
          </li>
        ))}
      </ul>
      {providers.map(({ name, displayName }) => (
        <Link key={name} provider={name} label={t.linkWith(displayName)} ways={shown} />
      ))}
    </section>
  );
}

function Identity({ identity }: { identity: IdentityInfo }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const { displayName, email, lastUsedAt } = identity;
  return (
    <span>
      {[displayName, email].filter(Boolean).join(', ')}
      {lastUsedAt && <small>{t.lastUsed(momentOf(code, lastUsedAt))}</small>}
    </span>
  );
}

interface LinkProps {
  readonly provider: string;
  readonly label: string;
  readonly ways: WaysIn;
}

/** Asks for a proof, and opens the provider. */
function Link({ provider, label, ways }: LinkProps): JSX.Element {
  const submit = async (values: Record<string, string>) => {
    const proof = await proofWith(ways, values);
    location.assign(await beginLink(client, provider, signInPage, proof));
  };
  return (
    <details>
      <summary>{label}</summary>
      <Form label={label} submit={submit} fields={['password', 'code']}>
        {(problem) => <ProofFields problem={problem} ways={ways} />}
      </Form>
    </details>
  );
}
