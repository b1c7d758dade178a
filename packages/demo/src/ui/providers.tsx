import { beginSignIn, type SignInProvider, signInProviders } from '@parley/client/sign-in';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { signInPage } from '../platform/provider-answer.ts';
import { useTexts } from './hooks.ts';
import { report } from './problems.tsx';

/** The OpenID providers of the server; none before they are loaded. */
export function useProviders(): readonly SignInProvider[] {
  const [providers, setProviders] = useState<readonly SignInProvider[]>([]);
  useEffect(() => {
    signInProviders(client).then(setProviders, () => undefined);
  }, []);
  return providers;
}

/** A button for each provider, below the forms to sign in. */
export function Providers(): JSX.Element | null {
  const t = useTexts();
  const providers = useProviders();
  const [isLeaving, setLeaving] = useState(false);
  const open = async (name: string) => {
    setLeaving(true);
    try {
      location.assign(await beginSignIn(client, name, signInPage));
    } catch (error) {
      setLeaving(false);
      report(error);
    }
  };
  if (providers.length === 0) return null;
  return (
    <div class="form providers">
      {providers.map(({ name, displayName }) => (
        <button key={name} type="button" disabled={isLeaving} onClick={() => void open(name)}>
          {t.signInWith(displayName)}
        </button>
      ))}
    </div>
  );
}
