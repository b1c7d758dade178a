import type { MessageInfo, RoomHandle } from '@parley/client';
import { pin, unpin } from '@parley/client/pins';
import { saveMessage, unsaveMessage } from '@parley/client/saved';
import type { ComponentChildren, JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { saved } from '../platform/saved.ts';
import { confirmed } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon, type IconName } from './icons.tsx';
import { attempt } from './problems.tsx';

export interface MessageRights {
  readonly canReact: boolean;
  readonly canReply: boolean;
  readonly canDelete: boolean;
  readonly canPin: boolean;
}

interface ActionsProps extends MessageRights {
  readonly room: RoomHandle;
  /** A message that is stored and not deleted. */
  readonly message: Pick<MessageInfo, 'isOwn' | 'isPinned'> & { readonly id: string };
  readonly tabIndex: number;
  readonly onReact: () => void;
  readonly onReply: () => void;
  readonly onEdit: () => void;
  /** Further actions, behind `Reply`. */
  readonly children?: ComponentChildren;
}

/** What can be done with a message, in the timeline and in a thread. */
export function MessageActions({ message, room, tabIndex, ...props }: ActionsProps): JSX.Element {
  const t = useTexts();
  useValue(saved);
  const { id, isOwn, isPinned } = message;
  const remove = () => confirmed(t.deleteConfirm, t.delete, () => attempt(() => room.delete(id)));
  const action = (icon: IconName, label: string, run: () => void) => (
    <Action icon={icon} label={label} tabIndex={tabIndex} run={run} />
  );
  return (
    <div class="message-actions" role="group" aria-label={t.actions}>
      {props.canReact && action('smile', t.react, props.onReact)}
      {props.canReply && action('reply', t.reply, props.onReply)}
      {props.children}
      {saved.has(id)
        ? action('bookmarked', t.unsave, () => attempt(() => unsaveMessage(client, id)))
        : action('bookmark', t.saveMessage, () => attempt(() => saveMessage(client, id)))}
      {props.canPin &&
        (isPinned
          ? action('unpin', t.unpin, () => attempt(() => unpin(client, id)))
          : action('pin', t.pin, () => attempt(() => pin(client, id))))}
      {isOwn && action('edit', t.edit, props.onEdit)}
      {(isOwn || props.canDelete) && action('delete', t.delete, remove)}
    </div>
  );
}

interface ActionProps {
  readonly icon: IconName;
  readonly label: string;
  readonly tabIndex: number;
  readonly run: () => void;
}

export function Action({ icon, label, tabIndex, run }: ActionProps): JSX.Element {
  return (
    <button type="button" class="plain" aria-label={label} title={label} tabIndex={tabIndex} onClick={run}>
      <Icon name={icon} />
    </button>
  );
}
