import { beginLink, type IdentityInfo, identitiesOf, unlinkIdentity } from '@parley/client/sign-in';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { signInPage } from '../platform/provider-answer.ts';
import { language } from '../texts/texts.ts';
import { Field, Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { attempt } from './problems.tsx';
import { useProviders } from './providers.tsx';
import { momentOf } from './times.ts';

interface Shown {
  readonly identities: readonly IdentityInfo[];
  readonly hasPassword: boolean;
}

/** Other systems with which the user can sign in. Nothing where there are none. */
export function Identities(): JSX.Element | null {
  const t = useTexts();
  const [shown, setShown] = useState<Shown | null>(null);
  const providers = useProviders();
  const load = async () => setShown(await identitiesOf(client));
  useEffect(() => attempt(load), []);
  if (!shown || providers.length + shown.identities.length === 0) return null;
  const { identities, hasPassword } = shown;
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
        <Link key={name} provider={name} label={t.linkWith(displayName)} hasPassword={hasPassword} />
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
  readonly hasPassword: boolean;
}

/** Asks for the password, and opens the provider. */
function Link({ provider, label, hasPassword }: LinkProps): JSX.Element {
  const t = useTexts();
  const submit = async ({ password }: Record<string, string>) =>
    location.assign(await beginLink(client, provider, signInPage, password));
  return (
    <details>
      <summary>{label}</summary>
      <Form label={label} submit={submit} fields={['password']}>
        {(problem) =>
          hasPassword && (
            <Field
              name="password"
              label={t.password}
              problem={problem}
              type="password"
              autocomplete="current-password"
              required
            />
          )
        }
      </Form>
    </details>
  );
}
