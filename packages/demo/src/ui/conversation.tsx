import type { RoomHandle, RoomInfo } from '@parley/client';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { quote } from '../platform/drafts.ts';
import { BackLink } from './back-link.tsx';
import { Composer } from './composer.tsx';
import { GuaranteeToggle } from './guarantee.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { ShareLocationButton } from './location.tsx';
import { Members } from './members.tsx';
import { NewPollButton } from './new-poll.tsx';
import { PinnedButton } from './pinned.tsx';
import { Preferences } from './room-preferences.tsx';
import { titleOf } from './rooms.ts';
import { RoomThreadsButton } from './thread-list.tsx';
import { Timeline } from './timeline.tsx';
import { Typing } from './typing.tsx';

export function Conversation({ roomId }: { roomId: string }): JSX.Element {
  const t = useTexts();
  const room = client.room(roomId);
  const info = useValue(room.info);
  const { status } = useValue(client.connection);
  if (info) return <OpenRoom room={room} info={info} />;
  return (
    <>
      <header class="head">
        <BackLink />
        <h1 tabIndex={-1} id="title">
          {t.unnamedRoom}
        </h1>
      </header>
      <p class="empty" role="status">
        {status === 'live' ? t.roomGone : t.connecting}
      </p>
    </>
  );
}

function OpenRoom({ room, info }: { room: RoomHandle; info: RoomInfo }): JSX.Element {
  const [editing, setEditing] = useState<string | null>(null);
  return (
    <>
      <Head room={room} info={info} />
      <Timeline
        room={room}
        info={info}
        editing={editing}
        onEdit={setEditing}
        onReply={({ id }) => quote(room.id, id)}
      />
      <Typing roomId={room.id} />
      <Composer room={room} info={info} onEdit={setEditing} />
    </>
  );
}

function Head({ room, info }: { room: RoomHandle; info: RoomInfo }): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <header class="head">
      <BackLink />
      <div class="head-text">
        <h1 tabIndex={-1} id="title">
          {titleOf(info, t)}
        </h1>
        {info.description && <p>{info.description}</p>}
      </div>
      <button type="button" class="plain" onClick={() => setOpen(true)}>
        <Icon name="person" />
        <span aria-hidden="true">{info.memberCount}</span>
        <span class="hidden">{t.memberCount(info.memberCount)}</span>
      </button>
      {info.viewerCanSend && <NewPollButton roomId={info.id} />}
      {info.viewerCanSend && <ShareLocationButton roomId={info.id} />}
      <RoomThreadsButton roomId={info.id} />
      <PinnedButton roomId={info.id} />
      <Preferences room={info} />
      <GuaranteeToggle />
      {isOpen && <Members room={room} info={info} onClose={() => setOpen(false)} />}
    </header>
  );
}
