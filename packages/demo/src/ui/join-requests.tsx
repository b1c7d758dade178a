import type { RoomInfo } from '@parley/client';
import {
  answerJoinRequest,
  cancelJoinRequest,
  type JoinRequestInfo,
  JoinRequests,
  requestToJoin,
} from '@parley/client/join-requests';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { Dialog } from './dialog.tsx';
import { Field, Form } from './form.tsx';
import { useTexts } from './hooks.ts';
import { nameOf } from './people.tsx';
import { attempt } from './problems.tsx';

const MAX_TEXT = 300;

/** The users who ask to become members of a room, for those who may answer. */
export function RoomRequests({ room }: { room: RoomInfo }): JSX.Element | null {
  const t = useTexts();
  const mayAnswer =
    room.viewerPermissions.includes('ADD_MEMBERS') && room.kind === 'PUBLIC' && !room.isArchived;
  const requests = useRequests(room.id, mayAnswer);
  if (!mayAnswer || !requests || requests.length === 0) return null;
  return (
    <section class="invites" aria-label={t.joinRequests}>
      <h3>{t.joinRequests}</h3>
      <ul class="invite-list">
        {requests.map((request) => (
          <li key={request.id}>
            <Request request={request} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Request({ request }: { request: JoinRequestInfo }): JSX.Element {
  const t = useTexts();
  const name = nameOf(request.user, t);
  const answer = (isAccepted: boolean) => attempt(() => answerJoinRequest(client, request.id, isAccepted));
  return (
    <>
      <span>
        {name}
        {request.text && <small>{request.text}</small>}
      </span>
      <button type="button" class="primary" aria-label={`${t.accept}: ${name}`} onClick={() => answer(true)}>
        {t.accept}
      </button>
      <button type="button" aria-label={`${t.decline}: ${name}`} onClick={() => answer(false)}>
        {t.decline}
      </button>
    </>
  );
}

/** Null until they are loaded, and where they are not needed. */
function useRequests(roomId: string, isNeeded: boolean): readonly JoinRequestInfo[] | null {
  const [list, setList] = useState<readonly JoinRequestInfo[] | null>(null);
  useEffect(() => {
    if (!isNeeded) return undefined;
    const requests = new JoinRequests(client, roomId);
    const update = () => setList(requests.getSnapshot());
    update();
    const stop = requests.subscribe(update);
    return () => {
      stop();
      requests.close();
    };
  }, [roomId, isNeeded]);
  return list;
}

interface AskProps {
  readonly roomId: string;
  readonly name: string;
  readonly isWaiting: boolean;
}

/** Asks to become a member of a room, or takes that back. */
export function AskToJoin({ roomId, name, isWaiting }: AskProps): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  if (isWaiting)
    return (
      <button
        type="button"
        aria-label={`${t.takeRequestBack}: ${name}`}
        onClick={() => attempt(() => cancelJoinRequest(client, roomId))}
      >
        {t.takeRequestBack}
      </button>
    );
  const submit = async ({ text = '' }: Record<string, string>) => {
    await requestToJoin(client, roomId, text);
    setOpen(false);
  };
  return (
    <>
      <button
        type="button"
        class="primary"
        aria-label={`${t.askToJoin}: ${name}`}
        onClick={() => setOpen(true)}
      >
        {t.askToJoin}
      </button>
      {isOpen && (
        <Dialog title={t.askToJoin} onClose={() => setOpen(false)}>
          <Form label={t.send} submit={submit} fields={['text']}>
            {(problem) => <Field name="text" label={t.requestText} problem={problem} maxLength={MAX_TEXT} />}
          </Form>
        </Dialog>
      )}
    </>
  );
}
