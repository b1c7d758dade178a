import { completeProviderSignIn } from '@parley/client/sign-in';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { providerAnswer } from '../platform/provider-answer.ts';
import { useTexts } from './hooks.ts';
import { Logo } from './icons.tsx';
import { Preferences } from './preferences.tsx';
import { sayingOf } from './problems.tsx';

const leave = () => providerAnswer.set(null);

/** The page to which a provider sends the user back. A sign-in goes on to the chat. */
export function ProviderPage({ address }: { address: string }): JSX.Element {
  const t = useTexts();
  const [isLinked, setLinked] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    completeProviderSignIn(client, address).then(
      ({ kind }) => (kind === 'link' ? setLinked(true) : leave()),
      setProblem,
    );
  }, [address]);
  return (
    <main class="welcome">
      <header class="welcome-text">
        <Logo />
        <h1>Parley</h1>
      </header>
      <section class="card" aria-label={t.signIn}>
        <p role="status" class={problem ? 'wrong' : undefined}>
          {problem ? sayingOf(problem, t) : isLinked ? t.identityLinked : t.signingIn}
        </p>
        {(problem !== null || isLinked) && (
          <button type="button" class="primary" onClick={leave}>
            {t.goOn}
          </button>
        )}
      </section>
      <Preferences />
    </main>
  );
}
