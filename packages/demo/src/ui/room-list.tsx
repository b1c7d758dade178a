import type { RoomInfo } from '@parley/client';
import type { DraftInfo } from '@parley/client/drafts';
import type { JSX } from 'preact';
import { drafts } from '../platform/drafts.ts';
import { hrefOf } from '../platform/route.ts';
import { language } from '../texts/texts.ts';
import { useBlocked } from './blocked.tsx';
import { plain } from './formatted-text.tsx';
import { useTexts, useValue } from './hooks.ts';
import { useLivingText } from './lifetime.tsx';
import { Avatar, nameOf } from './people.tsx';
import { titleOf } from './rooms.ts';
import { shortly } from './times.ts';
import { Badge, RoomMarks } from './unread.tsx';

interface ListProps {
  readonly rooms: readonly RoomInfo[];
  /** The room that is open. */
  readonly shownId: string | null;
}

/** The rooms that are not hidden: those in no folder, then each folder under its name. */
export function RoomList({ rooms, shownId }: ListProps): JSX.Element {
  const all = useValue(drafts.all);
  const draftIn = (id: string) => all.find(({ roomId }) => roomId === id);
  const links = (folder: string | null) =>
    listed(rooms, folder).map((room) => (
      <RoomLink key={room.id} room={room} draft={draftIn(room.id)} isShown={room.id === shownId} />
    ));
  return (
    <div class="rooms">
      <ul>{links(null)}</ul>
      {foldersOf(rooms).map((folder) => (
        <details key={folder} open>
          <summary>{folder}</summary>
          <ul aria-label={folder}>{links(folder)}</ul>
        </details>
      ))}
    </div>
  );
}

/** The names of all folders, sorted. */
export const foldersOf = (rooms: readonly RoomInfo[]): string[] =>
  [...new Set(rooms.flatMap(({ viewerFolder }) => viewerFolder ?? []))].sort((a, b) => a.localeCompare(b));

/** Pinned rooms first. */
const listed = (rooms: readonly RoomInfo[], folder: string | null) =>
  rooms
    .filter(({ viewerIsHidden, viewerFolder }) => !viewerIsHidden && viewerFolder === folder)
    .sort((a, b) => Number(b.viewerIsPinned) - Number(a.viewerIsPinned));

interface LinkProps {
  readonly room: RoomInfo;
  /** The draft in the room or in one of its threads that was written last. */
  readonly draft: DraftInfo | undefined;
  readonly isShown: boolean;
}

function RoomLink({ room, draft, isShown }: LinkProps): JSX.Element {
  const t = useTexts();
  const name = titleOf(room, t);
  const code = useValue(language);
  const last = room.lastMessage;
  const lastText = useLivingText(last);
  const shownText = useBlocked(last?.author.id) ? t.blockedMessage : (plain(lastText) ?? t.deleted);
  const preview = last && `${last.isOwn ? t.you : nameOf(last.author, t)}: ${shownText}`;
  return (
    <li>
      <a
        class="room-link"
        href={hrefOf({ page: 'room', roomId: room.id })}
        aria-current={isShown ? 'page' : undefined}
      >
        <Avatar id={room.id} name={name} />
        <span class="room-link-name">
          {name}
          <RoomMarks room={room} />
        </span>
        {last && (
          <time class="room-link-time" dateTime={last.sentAt}>
            {shortly(code, last.sentAt)}
          </time>
        )}
        <span class="room-link-last">
          {draft && <strong>{t.draft} </strong>}
          {draft ? plain(draft.text) : (preview ?? room.description ?? t.memberCount(room.memberCount))}
        </span>
        <Badge room={room} />
      </a>
    </li>
  );
}
