import { isGuest } from '@parley/client/invites';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { hrefOf, type Route, route } from '../platform/route.ts';
import { AccountDialog } from './account.tsx';
import { confirmed } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon, Logo } from './icons.tsx';
import { MakePermanent } from './make-permanent.tsx';
import { NewDirect } from './new-direct.tsx';
import { NewRoom } from './new-room.tsx';
import { Avatar, nameOf } from './people.tsx';
import { Preferences } from './preferences.tsx';
import { attempt } from './problems.tsx';
import { RoomList } from './room-list.tsx';
import { SavedDialog } from './saved.tsx';
import { ThreadsEntry } from './thread-list.tsx';

export function Sidebar(): JSX.Element {
  const t = useTexts();
  const rooms = useValue(client.rooms);
  const shown = useValue(route);
  return (
    <nav class="sidebar" aria-label={t.rooms}>
      <header class="brand">
        <Logo />
        <h1>Parley</h1>
      </header>
      <Actions shown={shown} />
      {rooms.length === 0 && <p class="empty">{t.noRooms}</p>}
      <RoomList rooms={rooms} shownId={shown.page === 'room' ? shown.roomId : null} />
      <Footer />
    </nav>
  );
}

function Actions({ shown }: { shown: Route }): JSX.Element {
  const t = useTexts();
  const [dialog, setDialog] = useState<'room' | 'direct' | 'saved' | null>(null);
  const close = () => setDialog(null);
  const viewer = useValue(client.viewer);
  if (viewer && isGuest(viewer)) return <GuestActions />;
  return (
    <div class="actions">
      <a
        class="action"
        href={hrefOf({ page: 'directory' })}
        aria-current={shown.page === 'directory' ? 'page' : undefined}
      >
        <Icon name="compass" />
        {t.directory}
      </a>
      <button type="button" class="action" onClick={() => setDialog('room')}>
        <Icon name="plus" />
        {t.newRoom}
      </button>
      <button type="button" class="action" onClick={() => setDialog('direct')}>
        <Icon name="person" />
        {t.newDirect}
      </button>
      <ThreadsEntry />
      <button type="button" class="action" onClick={() => setDialog('saved')}>
        <Icon name="bookmark" />
        {t.savedMessages}
      </button>
      {dialog === 'room' && <NewRoom onClose={close} />}
      {dialog === 'direct' && <NewDirect onClose={close} />}
      {dialog === 'saved' && <SavedDialog onClose={close} />}
    </div>
  );
}

/** A guest has one room. */
function GuestActions(): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="actions">
      <button type="button" class="action" onClick={() => setOpen(true)}>
        <Icon name="person" />
        {t.makePermanent}
      </button>
      {isOpen && <MakePermanent onClose={() => setOpen(false)} />}
    </div>
  );
}

function Footer(): JSX.Element {
  const t = useTexts();
  const viewer = useValue(client.viewer);
  const outbox = useValue(client.outbox);
  const [isOpen, setOpen] = useState(false);
  const leave = () => attempt(() => client.logout());
  const ask = () => {
    if (viewer && isGuest(viewer)) confirmed(t.signOutGuest, t.signOut, leave);
    else if (outbox.length === 0) leave();
    else confirmed(t.signOutWithUnsent, t.signOut, leave);
  };
  const name = viewer ? nameOf(viewer, t) : '';
  return (
    <footer class="account">
      {viewer && <Avatar id={viewer.id} name={name} />}
      <span class="account-name">{name}</span>
      {viewer && !isGuest(viewer) && (
        <button
          type="button"
          class="plain"
          onClick={() => setOpen(true)}
          aria-label={t.account}
          title={t.account}
        >
          <Icon name="account" />
        </button>
      )}
      <button type="button" class="plain" onClick={ask} aria-label={t.signOut} title={t.signOut}>
        <Icon name="leave" />
      </button>
      <Preferences />
      {isOpen && <AccountDialog onClose={() => setOpen(false)} />}
    </footer>
  );
}
