import type { ListedRoom } from '@parley/client';
import { type JoinPolicy, joinPolicies, OwnJoinRequests } from '@parley/client/join-requests';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { go, hrefOf } from '../platform/route.ts';
import { BackLink } from './back-link.tsx';
import { useTexts } from './hooks.ts';
import { AskToJoin } from './join-requests.tsx';
import { Avatar } from './people.tsx';
import { attempt, report } from './problems.tsx';

/** The pause in typing after which the server is queried. */
const SETTLE_MS = 250;
/** Rooms of one request. */
const MAX_IDS = 100;

interface Listing {
  readonly rooms: readonly ListedRoom[];
  readonly next: string | null;
}

export function Directory(): JSX.Element {
  const t = useTexts();
  const [query, setQuery] = useState('');
  const [listing, setListing] = useState<Listing | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const show = (found: Listing) => isCurrent && setListing(found);
    const timer = setTimeout(() => client.directory(query.trim()).then(show, report), query ? SETTLE_MS : 0);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [query]);
  const { policies, waiting } = useJoining(listing?.rooms ?? []);
  const more = async (after: string) => {
    const { rooms, next } = await client.directory(query.trim(), after);
    setListing((shown) => ({ rooms: [...(shown?.rooms ?? []), ...rooms], next }));
  };
  return (
    <>
      <header class="head">
        <BackLink />
        <h1 tabIndex={-1} id="title">
          {t.directory}
        </h1>
      </header>
      <div class="directory">
        <input
          type="search"
          aria-label={t.searchRooms}
          placeholder={t.searchRooms}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
        <p role="status" class="empty">
          {listing?.rooms.length === 0 && t.noMatches}
        </p>
        <ul class="listing">
          {listing?.rooms.map((room) => (
            <Listed
              key={room.id}
              room={room}
              policy={policies.get(room.id) ?? 'OPEN'}
              isWaiting={waiting.has(room.id)}
            />
          ))}
        </ul>
        {listing?.next && (
          <button type="button" onClick={() => attempt(() => more(listing.next ?? ''))}>
            {t.more}
          </button>
        )}
      </div>
    </>
  );
}

/** How users become members of these rooms, and for which of them the viewer waits. */
function useJoining(rooms: readonly ListedRoom[]) {
  const [policies, setPolicies] = useState<ReadonlyMap<string, JoinPolicy>>(new Map());
  const [waiting, setWaiting] = useState<ReadonlySet<string>>(new Set());
  const ids = rooms.map(({ id }) => id).join();
  useEffect(() => {
    const last = ids.split(',').slice(-MAX_IDS);
    if (ids)
      joinPolicies(client, last).then((read) => setPolicies((all) => new Map([...all, ...read])), report);
  }, [ids]);
  useEffect(() => {
    const own = new OwnJoinRequests(client);
    const update = () => setWaiting(new Set(own.getSnapshot()?.map(({ room }) => room.id)));
    const stop = own.subscribe(update);
    return () => {
      stop();
      own.close();
    };
  }, []);
  return { policies, waiting };
}

interface ListedProps {
  readonly room: ListedRoom;
  readonly policy: JoinPolicy;
  readonly isWaiting: boolean;
}

function Listed({ room, policy, isWaiting }: ListedProps): JSX.Element {
  const t = useTexts();
  const target = { page: 'room', roomId: room.id } as const;
  const name = room.name ?? t.unnamedRoom;
  const join = async () => {
    await client.joinRoom(room.id);
    go(target);
  };
  return (
    <li class="listed">
      <Avatar id={room.id} name={name} />
      <div class="listed-text">
        <strong>{name}</strong>
        {room.description && <span>{room.description}</span>}
        <small>{t.memberCount(room.memberCount)}</small>
      </div>
      {room.isMember ? (
        <a class="button" href={hrefOf(target)} aria-label={`${t.open}: ${name}`}>
          {t.open}
        </a>
      ) : policy === 'REQUEST' ? (
        <AskToJoin roomId={room.id} name={name} isWaiting={isWaiting} />
      ) : policy === 'INVITE' ? (
        <small>{t.joinPolicies.INVITE}</small>
      ) : (
        <button type="button" class="primary" aria-label={`${t.join}: ${name}`} onClick={() => attempt(join)}>
          {t.join}
        </button>
      )}
    </li>
  );
}
