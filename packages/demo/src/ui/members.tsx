import type { RoomHandle, RoomInfo } from '@parley/client';
import { isGuest } from '@parley/client/invites';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { go } from '../platform/route.ts';
import { confirmed, Dialog } from './dialog.tsx';
import { Field, Form } from './form.tsx';
import { useTexts, useValue } from './hooks.ts';
import { personCalled } from './new-direct.tsx';
import { Avatar, nameOf } from './people.tsx';
import { attempt, report } from './problems.tsx';
import { titleOf } from './rooms.ts';

interface MembersProps {
  readonly room: RoomHandle;
  readonly info: RoomInfo;
  readonly onClose: () => void;
}

export function Members({ room, info, onClose }: MembersProps): JSX.Element {
  const t = useTexts();
  const members = useValue(room.members);
  useEffect(() => void room.loadMembers().catch(report), [room]);
  return (
    <Dialog title={t.members} onClose={onClose}>
      <ul class="members">
        {members.map(({ id, user, role }) => (
          <li key={id}>
            <Avatar id={user.id} name={nameOf(user, t)} />
            <span>{nameOf(user, t)}</span>
            <small>
              {[isGuest(user) ? t.guest : `@${user.username}`, t.roles[role]].filter(Boolean).join(' · ')}
            </small>
          </li>
        ))}
      </ul>
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
