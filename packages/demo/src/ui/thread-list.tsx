import type { ListedThread, ThreadList } from '@parley/client/threads';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import { go } from '../platform/route.ts';
import { openThread, threads, unreadThreads } from '../platform/threads.ts';
import { language } from '../texts/texts.ts';
import { Dialog } from './dialog.tsx';
import { plain } from './formatted-text.tsx';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { nameOf } from './people.tsx';
import { sayingOf } from './problems.tsx';
import { titleOf } from './rooms.ts';
import { UnreadReplies } from './thread-summary.tsx';
import { momentOf, shortly } from './times.ts';

/** An entry of the sidebar that opens the viewer's threads, with the number of those that have unread replies. */
export function ThreadsEntry(): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  const { threads, hasMore } = useValue(unreadThreads.view);
  return (
    <>
      <button type="button" class="action" onClick={() => setOpen(true)}>
        <Icon name="thread" />
        {t.threads}
        {threads.length > 0 && (
          <span class="badge">
            <span aria-hidden="true">{hasMore ? `${threads.length}+` : threads.length}</span>
            <span class="hidden">{t.unreadThreads(threads.length)}</span>
          </span>
        )}
      </button>
      {isOpen && <MyThreads onClose={() => setOpen(false)} />}
    </>
  );
}

/** A button that opens the threads of a room. */
export function RoomThreadsButton({ roomId }: { roomId: string }): JSX.Element {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class="plain"
        aria-label={t.roomThreads}
        title={t.roomThreads}
        onClick={() => setOpen(true)}
      >
        <Icon name="thread" />
      </button>
      {isOpen && <RoomThreads roomId={roomId} onClose={() => setOpen(false)} />}
    </>
  );
}

const FILTERS = ['FOLLOWED', 'UNREAD', 'ALL'] as const;
const ORDERS = ['LAST_REPLY', 'NEWEST'] as const;

function MyThreads({ onClose }: { onClose: () => void }): JSX.Element {
  const t = useTexts();
  const [filter, setFilter] = useState<(typeof FILTERS)[number]>('FOLLOWED');
  return (
    <Dialog title={t.threads} onClose={onClose}>
      <Choice
        label={t.show}
        chosen={filter}
        all={FILTERS}
        nameOf={(each) => t.threadFilters[each]}
        onChoose={setFilter}
      />
      <Threads list={threads.mine(filter)} onClose={onClose} />
    </Dialog>
  );
}

function RoomThreads({ roomId, onClose }: { roomId: string; onClose: () => void }): JSX.Element {
  const t = useTexts();
  const [order, setOrder] = useState<(typeof ORDERS)[number]>('LAST_REPLY');
  const list = useMemo(() => threads.inRoom(roomId, order), [roomId, order]);
  useEffect(() => () => list.close(), [list]);
  return (
    <Dialog title={t.roomThreads} onClose={onClose}>
      <Choice
        label={t.sort}
        chosen={order}
        all={ORDERS}
        nameOf={(each) => t.threadOrders[each]}
        onChoose={setOrder}
      />
      <Threads list={list} onClose={onClose} />
    </Dialog>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly chosen: Value;
  readonly all: readonly Value[];
  readonly nameOf: (value: Value) => string;
  readonly onChoose: (value: Value) => void;
}

function Choice<Value extends string>({
  label,
  chosen,
  all,
  nameOf,
  onChoose,
}: ChoiceProps<Value>): JSX.Element {
  return (
    <label class="list-choice">
      {label}
      <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value as Value)}>
        {all.map((each) => (
          <option key={each} value={each}>
            {nameOf(each)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Threads({ list, onClose }: { list: ThreadList; onClose: () => void }): JSX.Element {
  const t = useTexts();
  const { threads, hasMore, isLoading, error } = useValue(list.view);
  return (
    <>
      {threads.length === 0 && <p role="status">{!isLoading && !error && t.noThreads}</p>}
      <ol class="message-list">
        {threads.map((thread) => (
          <li key={thread.id}>
            <Entry thread={thread} onClose={onClose} />
          </li>
        ))}
      </ol>
      {error && (
        <p class="fate failed">
          <Icon name="warning" />
          <span>{sayingOf(error, t)}</span>
          <button type="button" class="small" onClick={() => void list.reload()}>
            {t.retry}
          </button>
        </p>
      )}
      {hasMore && (
        <button type="button" disabled={isLoading} onClick={() => void list.loadMore()}>
          {t.more}
        </button>
      )}
    </>
  );
}

function Entry({ thread, onClose }: { thread: ListedThread; onClose: () => void }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const room = useValue(client.room(thread.room.id).info);
  const { root, lastReplyAt } = thread;
  const open = () => {
    onClose();
    go({ page: 'room', roomId: thread.room.id });
    openThread(thread.room.id, root.id);
  };
  return (
    <button type="button" class="listed-message" onClick={open}>
      <span class="listed-thread">
        <strong>{thread.title ?? nameOf(root.author, t)}</strong>
        <time dateTime={lastReplyAt} title={momentOf(code, lastReplyAt)}>
          {shortly(code, lastReplyAt)}
        </time>
        <UnreadReplies thread={thread} />
      </span>
      <span class="listed-message">{plain(root.text) ?? t.deleted}</span>
      <small>{[room && titleOf(room, t), t.replies(thread.replyCount)].filter(Boolean).join(' · ')}</small>
    </button>
  );
}
