import type { ThreadInfo, ThreadView } from '@parley/client/threads';
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { threads } from '../platform/threads.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { attempt } from './problems.tsx';

interface TitleProps {
  readonly roomId: string;
  readonly view: ThreadView;
}

/** The title of a thread. The author of its root can change it, and users who can change the room. */
export function ThreadTitle({ roomId, view }: TitleProps): JSX.Element {
  const t = useTexts();
  const info = useValue(client.room(roomId).info);
  const [isEditing, setEditing] = useState(false);
  const { thread, root } = view;
  const mayRename = root?.isOwn || info?.viewerPermissions.includes('UPDATE_ROOM');
  if (isEditing && thread) return <TitleForm thread={thread} onDone={() => setEditing(false)} />;
  return (
    <>
      <h2>{thread?.title ?? t.thread}</h2>
      {thread && mayRename && info && !info.isArchived && (
        <button
          type="button"
          class="plain"
          aria-label={t.renameThread}
          title={t.renameThread}
          onClick={() => setEditing(true)}
        >
          <Icon name="edit" />
        </button>
      )}
    </>
  );
}

function TitleForm({ thread, onDone }: { thread: ThreadInfo; onDone: () => void }): JSX.Element {
  const t = useTexts();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.select(), []);
  const save = () =>
    attempt(async () => {
      await threads.rename(thread.id, input.current?.value ?? '');
      onDone();
    });
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onDone();
  };
  return (
    <form
      class="thread-title"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <input
        ref={input}
        defaultValue={thread.title ?? ''}
        maxLength={100}
        aria-label={t.threadTitle}
        placeholder={t.threadTitle}
        onKeyDown={onKeyDown}
      />
      <button type="submit" class="small primary">
        {t.save}
      </button>
    </form>
  );
}
