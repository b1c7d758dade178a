import { ParleyError } from '@parley/client';
import { offersAutofill, signInWithPasskey } from '@parley/client/passkeys';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { useTexts } from './hooks.ts';
import { sayingOf } from './problems.tsx';

/** Signs in with a passkey: by a button, or from the list that the browser shows below the field of the username. */
export function PasskeySignIn(): JSX.Element {
  const t = useTexts();
  const [problem, setProblem] = useState<unknown>(null);
  const waiting = useRef<AbortController | null>(null);
  const signIn = async (isAutofill: boolean) => {
    waiting.current?.abort(); // a browser asks one question at a time
    const { signal } = (waiting.current = new AbortController());
    setProblem(null);
    try {
      await signInWithPasskey(client, { isAutofill, signal });
    } catch (error) {
      if (!signal.aborted && !(isAutofill && isUnanswered(error))) setProblem(error);
    }
  };
  useEffect(() => {
    // Unless the user was faster, or has left the page.
    void offersAutofill().then((isOffered) => (isOffered && !waiting.current ? signIn(true) : undefined));
    return () => {
      waiting.current ??= new AbortController();
      waiting.current.abort();
    };
  }, []);
  return (
    <div class="form">
      <button type="button" onClick={() => void signIn(false)}>
        {t.signInWithPasskey}
      </button>
      <div role="alert">{problem !== null && <p class="hint wrong">{sayingOf(problem, t)}</p>}</div>
    </div>
  );
}

const isUnanswered = (error: unknown) => error instanceof ParleyError && error.code === 'PASSKEY';
