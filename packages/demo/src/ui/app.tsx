import type { JSX } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { inviteCode } from '../platform/invited.ts';
import { mailLink } from '../platform/mail-link.ts';
import { providerAnswer } from '../platform/provider-answer.ts';
import { type Route, route } from '../platform/route.ts';
import { Banner } from './banner.tsx';
import { Conversation } from './conversation.tsx';
import { Confirmation } from './dialog.tsx';
import { Directory } from './directory.tsx';
import { UnverifiedEmail } from './email-reminder.tsx';
import { Guarantee, GuaranteeToggle } from './guarantee.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Logo } from './icons.tsx';
import { JoinPage } from './join.tsx';
import { MailPage } from './mail-page.tsx';
import { Notice } from './problems.tsx';
import { ShownProfile } from './profile.tsx';
import { ProviderPage } from './provider-page.tsx';
import { Sidebar } from './sidebar.tsx';
import { SignInPage } from './sign-in.tsx';
import { ThreadPane } from './thread.tsx';

export function App(): JSX.Element {
  const viewer = useValue(client.viewer);
  const connection = useValue(client.connection);
  const code = useValue(inviteCode);
  const link = useValue(mailLink);
  const answer = useValue(providerAnswer);
  const isKnown = viewer !== null || connection.status === 'signed-out';
  if (link && isKnown) return <MailPage link={link} />;
  if (answer && isKnown) return <ProviderPage address={answer} />;
  if (code && isKnown) return <JoinPage code={code} />;
  if (viewer) return <Chat />;
  if (connection.status === 'signed-out') return <SignInPage />;
  // Before the stored data is read, it is unknown whether a user is signed in.
  return <main class="loading">{connection.status === 'offline' && <Broken {...connection.error} />}</main>;
}

/** The client could not start, because this browser does not let the page store data. */
function Broken({ code, message }: { code: string; message: string }): JSX.Element {
  const t = useTexts();
  return (
    <>
      <h1>Parley</h1>
      <p role="alert">{t.errors[code] ?? message}</p>
    </>
  );
}

function Chat(): JSX.Element {
  const t = useTexts();
  const shown = useValue(route);
  useFocusOnTitle(shown);
  return (
    <div class={`chat at-${shown.page}`}>
      {shown.page === 'room' && (
        <a class="skip" href="#messages" onClick={skipToMessages}>
          {t.skip}
        </a>
      )}
      <Banner />
      <UnverifiedEmail />
      <Sidebar />
      <main class="main">
        <Page shown={shown} />
      </main>
      <Guarantee />
      <ThreadPane />
      <Notice />
      <ShownProfile />
      <Confirmation />
    </div>
  );
}

function Page({ shown }: { shown: Route }): JSX.Element {
  if (shown.page === 'room') return <Conversation key={shown.roomId} roomId={shown.roomId} />;
  return shown.page === 'directory' ? <Directory /> : <Home />;
}

function Home(): JSX.Element {
  const t = useTexts();
  return (
    <div class="home">
      <GuaranteeToggle />
      <Logo />
      <h1 tabIndex={-1} id="title">
        {t.chooseRoom}
      </h1>
      <p>{t.chooseRoomMore}</p>
    </div>
  );
}

/** The address of the page contains its view: a link to a fragment would change the view. */
function skipToMessages(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#messages')?.focus();
}

/** Focuses the title of a new view, unless the view has a text field. */
function useFocusOnTitle(shown: Route): void {
  useLayoutEffect(() => {
    if (shown.page !== 'home' && !document.activeElement?.closest('main'))
      document.querySelector<HTMLElement>('#title')?.focus();
  }, [shown]);
}
