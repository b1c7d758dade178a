import type { Person } from '@parley/client';
import { isGuest } from '@parley/client/invites';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { shownPerson } from '../platform/people.ts';
import { go } from '../platform/route.ts';
import { BlockButton, useBlocked } from './blocked.tsx';
import { Dialog } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Avatar, nameOf } from './people.tsx';
import { attempt } from './problems.tsx';

/** A name that opens the profile of its user. In a message, the tab key does not reach it: the list of members has them all. */
export function ProfileLink({ person, isInMessage }: { person: Person; isInMessage?: true }): JSX.Element {
  const t = useTexts();
  if (person.isDeleted) return <>{nameOf(person, t)}</>;
  return (
    <button
      type="button"
      class="name-button"
      aria-haspopup="dialog"
      tabIndex={isInMessage ? -1 : 0}
      onClick={() => shownPerson.set(person)}
    >
      {nameOf(person, t)}
    </button>
  );
}

/** The profile that was opened last, above everything else. */
export function ShownProfile(): JSX.Element | null {
  const person = useValue(shownPerson);
  return person && <Profile key={person.id} person={person} />;
}

const close = () => shownPerson.set(null);

function Profile({ person }: { person: Person }): JSX.Element {
  const t = useTexts();
  const viewer = useValue(client.viewer);
  return (
    <Dialog title={nameOf(person, t)} onClose={close}>
      <p class="profile-head">
        <Avatar id={person.id} name={nameOf(person, t)} />
        <span>{isGuest(person) ? t.guest : `@${person.username}`}</span>
      </p>
      {viewer && viewer.id !== person.id && (
        <Contact person={person} canMessage={!isGuest(viewer) && !isGuest(person)} />
      )}
    </Dialog>
  );
}

/** What the viewer can do with another user. */
function Contact({ person, canMessage }: { person: Person; canMessage: boolean }): JSX.Element {
  const t = useTexts();
  const isBlocked = useBlocked(person.id);
  const message = async () => {
    const roomId = await client.openDirectRoom([person.id]);
    close();
    go({ page: 'room', roomId });
  };
  return (
    <>
      <p class="hint">{t.blockHint}</p>
      <div class="buttons">
        <BlockButton person={person} />
        {canMessage && !isBlocked && (
          <button type="button" class="primary" onClick={() => attempt(message)}>
            {t.sendDirect}
          </button>
        )}
      </div>
    </>
  );
}
