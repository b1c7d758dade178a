import type { RoomInfo } from '@parley/client';
import {
  allowsGuests,
  type CreatedInvite,
  createInvite,
  type InviteInfo,
  invitesOf,
  revokeInvite,
} from '@parley/client/invites';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { language } from '../texts/texts.ts';
import { useTexts, useValue } from './hooks.ts';
import { nameOf } from './people.tsx';
import { attempt } from './problems.tsx';
import { momentOf } from './times.ts';

/** The links of a room, for members who may create them. */
export function RoomInvites({ room }: { room: RoomInfo }): JSX.Element | null {
  const t = useTexts();
  const [list, setList] = useState<readonly InviteInfo[] | null>(null);
  const [made, setMade] = useState<CreatedInvite | null>(null);
  const mayInvite = room.viewerPermissions.includes('ADD_MEMBERS') && room.kind !== 'DIRECT';
  const [hasGuests, setGuests] = useState(false);
  const load = async () => setList(await invitesOf(client, room.id));
  const start = async () => {
    setGuests(await allowsGuests(client));
    await load();
  };
  useEffect(() => {
    if (mayInvite) attempt(start);
  }, [room.id, mayInvite]);
  if (!mayInvite) return null;
  const create = async () => {
    setMade(await createInvite(client, { roomId: room.id, role: 'MEMBER' }));
    await load();
  };
  const end = async (id: string) => {
    await revokeInvite(client, id);
    if (made?.id === id) setMade(null);
    await load();
  };
  return (
    <section class="invites" aria-label={t.invites}>
      <h3>{t.invites}</h3>
      <p class="hint">{t.invitesHint(hasGuests)}</p>
      <button type="button" class="primary" onClick={() => attempt(create)}>
        {t.makeLink}
      </button>
      {made && <Link made={made} />}
      <ul class="invite-list">
        {list?.map((invite) => (
          <li key={invite.id}>
            <Entry invite={invite} />
            <button type="button" onClick={() => attempt(() => end(invite.id))}>
              {t.revokeLink}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The link itself, which only this page knows. */
function Link({ made }: { made: CreatedInvite }): JSX.Element {
  const t = useTexts();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(made.link);
    setCopied(true);
  };
  return (
    <p class="invite-link">
      <input
        readOnly
        aria-label={t.link}
        value={made.link}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" onClick={() => attempt(copy)}>
        {isCopied ? t.copied : t.copyLink}
      </button>
    </p>
  );
}

function Entry({ invite }: { invite: InviteInfo }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const { createdAt, createdBy, isOpen, useCount, maxUses } = invite;
  return (
    <span>
      {t.linkBy(nameOf(createdBy, t))} <time dateTime={createdAt}>{momentOf(code, createdAt)}</time>
      <small>
        {t.linkUses(useCount, maxUses)}
        {!isOpen && ` · ${t.linkEnded}`}
      </small>
    </span>
  );
}
