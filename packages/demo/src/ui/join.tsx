import { acceptInvite, type InvitePreview, joinAsGuest, previewInvite } from '@parley/client/invites';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { inviteCode } from '../platform/invited.ts';
import { go } from '../platform/route.ts';
import { Field, Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Logo } from './icons.tsx';
import { nameOf } from './people.tsx';
import { Preferences } from './preferences.tsx';
import { sayingOf } from './problems.tsx';

/** The preview of the invite: `undefined` while it is loaded, null if it cannot be used. */
type Shown = InvitePreview | null | undefined;

/** The page that a link opens. */
export function JoinPage({ code }: { code: string }): JSX.Element {
  const t = useTexts();
  const [shown, setShown] = useState<Shown>();
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    setShown(undefined);
    setProblem(null);
    previewInvite(client, code).then(setShown, setProblem);
  }, [code]);
  return (
    <main class="welcome">
      <header class="welcome-text">
        <Logo />
        <h1>Parley</h1>
        {shown && <p class="promise">{t.invitedTo(shown.roomName)}</p>}
        {shown && <p>{t.invitedMore(shown.invitedBy, shown.memberCount)}</p>}
      </header>
      <section class="card" aria-label={t.joinRoom}>
        {problem !== null && <p class="hint wrong">{sayingOf(problem, t)}</p>}
        {shown === null && <p role="status">{t.linkGone}</p>}
        {shown && <JoinForm code={code} preview={shown} />}
        <button type="button" onClick={leaveInvite}>
          {t.notNow}
        </button>
      </section>
      <Preferences />
    </main>
  );
}

function leaveInvite(): void {
  inviteCode.set(null);
  go({ page: 'home' });
}

async function enter(room: Promise<string>): Promise<void> {
  go({ page: 'room', roomId: await room });
  inviteCode.set(null);
}

function JoinForm({ code, preview }: { code: string; preview: InvitePreview }): JSX.Element {
  const t = useTexts();
  const viewer = useValue(client.viewer);
  if (viewer)
    return (
      <Form label={t.joinRoom} submit={() => enter(acceptInvite(client, code))} fields={[]}>
        {() => <p>{t.joinAs(nameOf(viewer, t))}</p>}
      </Form>
    );
  if (!preview.allowsGuests) return <p>{t.joinSignedIn}</p>;
  const submit = ({ displayName = '' }: Record<string, string>) =>
    enter(joinAsGuest(client, code, displayName));
  return (
    <Form label={t.joinRoom} submit={submit} fields={['displayName']}>
      {(problem) => (
        <Field
          name="displayName"
          label={t.yourName}
          hint={t.yourNameHint}
          problem={problem}
          autocomplete="name"
          maxLength={100}
          required
        />
      )}
    </Form>
  );
}
