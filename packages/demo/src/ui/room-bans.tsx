import type { RoomInfo } from '@parley/client';
import { bansOf, type RoomBan, unban } from '@parley/client/moderation';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { language } from '../texts/texts.ts';
import { useTexts, useValue } from './hooks.ts';
import { nameOf } from './people.tsx';
import { attempt } from './problems.tsx';
import { momentOf } from './times.ts';

/** Who may not join the room, for members who may ban. */
export function RoomBans({ room }: { room: RoomInfo }): JSX.Element | null {
  const t = useTexts();
  const [list, setList] = useState<readonly RoomBan[] | null>(null);
  const mayBan = room.viewerPermissions.includes('BAN_MEMBERS') && room.kind !== 'DIRECT';
  const load = async () => setList(await bansOf(client, room.id));
  useEffect(() => {
    if (mayBan) attempt(load);
  }, [room.id, mayBan]);
  if (!mayBan || !list) return null;
  const end = async (userId: string) => {
    await unban(client, { roomId: room.id, userId });
    await load();
  };
  return (
    <section class="invites" aria-label={t.bans}>
      <h3>{t.bans}</h3>
      {list.length === 0 && <p class="hint">{t.noBans}</p>}
      <ul class="invite-list">
        {list.map((ban) => (
          <li key={ban.user.id}>
            <Entry ban={ban} />
            <button
              type="button"
              aria-label={`${t.unban}: ${nameOf(ban.user, t)}`}
              onClick={() => attempt(() => end(ban.user.id))}
            >
              {t.unban}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Entry({ ban: { user, bannedBy, reason, expiresAt } }: { ban: RoomBan }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const until = expiresAt && t.bannedUntil(momentOf(code, expiresAt));
  return (
    <span>
      {nameOf(user, t)}
      <small>{[t.bannedBy(nameOf(bannedBy, t)), until, reason].filter(Boolean).join(' · ')}</small>
    </span>
  );
}
