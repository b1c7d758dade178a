import { beginLink, type IdentityInfo, identitiesOf, unlinkIdentity } from '@parley/client/sign-in';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { signInPage } from '../platform/provider-answer.ts';
import { language } from '../texts/texts.ts';
import { Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { attempt } from './problems.tsx';
import { useProviders } from './providers.tsx';
import { momentOf } from './times.ts';
import { ProofFields } from './two-step.tsx';

interface Shown {
  readonly identities: readonly IdentityInfo[];
  readonly hasPassword: boolean;
  readonly totpEnabledAt: string | null;
}

/** Other systems with which the user can sign in. Nothing where there are none. */
export function Identities(): JSX.Element | null {
  const t = useTexts();
  const [shown, setShown] = useState<Shown | null>(null);
  const providers = useProviders();
  const load = async () => setShown(await identitiesOf(client));
  useEffect(() => attempt(load), []);
  if (!shown || providers.length + shown.identities.length === 0) return null;
  const { identities, hasPassword, totpEnabledAt } = shown;
  const needs = { password: hasPassword, code: totpEnabledAt !== null };
  const isLast = !hasPassword && identities.length === 1;
  const unlink = (identity: IdentityInfo) => unlinkIdentity(client, identity).then(load);
  return (
    <section class="settings" aria-label={t.identities}>
      <h3>{t.identities}</h3>
      <ul class="setting-list">
        {identities.map((identity) => (
          <li key={`${identity.issuer} ${identity.subject}`}>
            <Identity identity={identity} />
            {!isLast && (
              <button type="button" onClick={() => attempt(() => unlink(identity))}>
                {t.unlink}
              </button>
            )}
          </li>
        ))}
      </ul>
      {providers.map(({ name, displayName }) => (
        <Link key={name} provider={name} label={t.linkWith(displayName)} needs={needs} />
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
  readonly needs: { readonly password: boolean; readonly code: boolean };
}

/** Asks for a proof, and opens the provider. */
function Link({ provider, label, needs }: LinkProps): JSX.Element {
  const submit = async (proof: Record<string, string>) =>
    location.assign(await beginLink(client, provider, signInPage, needs.password ? proof : undefined));
  return (
    <details>
      <summary>{label}</summary>
      <Form label={label} submit={submit} fields={['password', 'code']}>
        {(problem) => needs.password && <ProofFields problem={problem} needsCode={needs.code} />}
      </Form>
    </details>
  );
}
