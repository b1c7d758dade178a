import type { MemberInfo, RoomHandle, RoomInfo } from '@parley/client';
import { isGuest } from '@parley/client/invites';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { go } from '../platform/route.ts';
import { language } from '../texts/texts.ts';
import { confirmed, Dialog } from './dialog.tsx';
import { Field, Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { Moderate, mayModerate, useTimeouts } from './moderation.tsx';
import { personCalled } from './new-direct.tsx';
import { Avatar, nameOf } from './people.tsx';
import { attempt, report } from './problems.tsx';
import { ProfileLink } from './profile.tsx';
import { titleOf } from './rooms.ts';
import { shortly } from './times.ts';

interface MembersProps {
  readonly room: RoomHandle;
  readonly info: RoomInfo;
  readonly onClose: () => void;
}

export function Members({ room, info, onClose }: MembersProps): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const members = useValue(room.members);
  const [timeouts, loadTimeouts] = useTimeouts(room.id);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const chosen = members.find(({ id }) => id === chosenId);
  useEffect(() => void room.loadMembers().catch(report), [room]);
  const detailsOf = ({ user, role }: MemberInfo, timeoutUntil: string | undefined) =>
    [
      isGuest(user) ? t.guest : `@${user.username}`,
      t.roles[role],
      timeoutUntil && t.timedOutUntil(shortly(code, timeoutUntil)),
    ].filter(Boolean);
  return (
    <Dialog title={t.members} onClose={onClose}>
      <ul class="members">
        {members.map((member) => (
          <li key={member.id}>
            <Avatar id={member.user.id} name={nameOf(member.user, t)} />
            <ProfileLink person={member.user} />
            <small>{detailsOf(member, timeouts.get(member.user.id)).join(' · ')}</small>
            {mayModerate(info, member) && (
              <button
                type="button"
                class="plain"
                aria-label={t.moderate(nameOf(member.user, t))}
                aria-expanded={member.id === chosenId}
                onClick={() => setChosenId(member.id === chosenId ? null : member.id)}
              >
                <Icon name="shield" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {chosen && (
        <Moderate
          key={chosen.id}
          room={info}
          member={chosen}
          isTimedOut={timeouts.has(chosen.user.id)}
          onDone={loadTimeouts}
        />
      )}
      {info.viewerPermissions.includes('ADD_MEMBERS') && <AddMember room={room} />}
      {info.kind !== 'DIRECT' && <Leave room={room} info={info} onClose={onClose} />}
    </Dialog>
  );
}

function AddMember({ room }: { room: RoomHandle }): JSX.Element {
  const t = useTexts();
  const submit = async ({ person = '' }: Record<string, string>) => {
    const { id } = await personCalled(person, t);
    await room.addMembers([id]);
  };
  return (
    <Form label={t.add} submit={submit} fields={['person']}>
      {(problem) => (
        <Field
          name="person"
          label={t.addMember}
          hint={t.username}
          problem={problem}
          autocomplete="off"
          required
        />
      )}
    </Form>
  );
}

function Leave({ room, info, onClose }: MembersProps): JSX.Element {
  const t = useTexts();
  const name = titleOf(info, t);
  const leave = async () => {
    await client.room(room.id).leave();
    go({ page: 'home' });
  };
  const ask = () => {
    onClose();
    confirmed(t.leaveConfirm(name), t.leave, () => attempt(leave));
  };
  return (
    <button type="button" class="danger" onClick={ask}>
      {t.leave}
    </button>
  );
}
