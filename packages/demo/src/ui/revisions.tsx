import type { MessageInfo, RoomHandle } from '@parley/client';
import { loadRevisions, type MessageRevision } from '@parley/client/revisions';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { language } from '../texts/texts.ts';
import { Dialog } from './dialog.tsx';
import { useTexts, useValue } from './hooks.ts';
import { attempt } from './problems.tsx';
import { momentOf } from './times.ts';

export type EditedMessage = Pick<MessageInfo, 'id' | 'text' | 'editedAt' | 'isOwn'>;

interface EditedProps {
  readonly room: RoomHandle;
  readonly message: EditedMessage;
  readonly tabIndex: number;
}

/** Says that a message was edited. Opens its earlier texts for users who may read them. */
export function Edited({ room, message, tabIndex }: EditedProps): JSX.Element | null {
  const t = useTexts();
  const code = useValue(language);
  const info = useValue(room.info);
  const [isOpen, setOpen] = useState(false);
  if (!message.editedAt || message.text === null) return null;
  const title = momentOf(code, message.editedAt);
  const mayRead = message.isOwn || info?.viewerPermissions.includes('DELETE_MESSAGES');
  if (!mayRead || message.id === null) return <small title={title}>({t.edited})</small>;
  return (
    <small title={title}>
      <button type="button" class="text-button" tabIndex={tabIndex} onClick={() => setOpen(true)}>
        ({t.edited})
      </button>
      {isOpen && <RevisionsDialog messageId={message.id} onClose={() => setOpen(false)} />}
    </small>
  );
}

function RevisionsDialog({ messageId, onClose }: { messageId: string; onClose: () => void }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const revisions = useRevisions(messageId);
  return (
    <Dialog title={t.earlierTexts} onClose={onClose}>
      <ol class="message-list">
        {revisions?.map(({ version, text, replacedAt }) => (
          <li key={version} class="revision">
            <p>{text}</p>
            <small>{t.until(momentOf(code, replacedAt))}</small>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}

/** Null until they are loaded. */
function useRevisions(messageId: string): readonly MessageRevision[] | null {
  const [revisions, setRevisions] = useState<readonly MessageRevision[] | null>(null);
  useEffect(() => {
    attempt(async () => setRevisions((await loadRevisions(client, messageId)) ?? []));
  }, [messageId]);
  return revisions;
}
