import type { MessageInfo, Person } from '@parley/client';
import type { MessageReceipts } from '@parley/client/live';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Texts } from '../texts/en.ts';
import { Dialog } from './dialog.tsx';
import { useTexts } from './hooks.ts';
import { Icon } from './icons.tsx';
import { Avatar, nameOf } from './people.tsx';

interface TicksProps {
  readonly message: MessageInfo;
  /** Undefined while unknown, and where the viewer shares no receipts. */
  readonly receipts: MessageReceipts | undefined;
  readonly tabIndex: number;
}

/** How far an own message has come: one tick for sent, two for delivered to all, two coloured ones for read by all. */
export function Ticks({ message, receipts, tabIndex }: TicksProps): JSX.Element | null {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  if (!message.isOwn || message.status !== 'stored' || message.text === null) return null;
  const label = labelOf(receipts, t);
  const mark = <Icon name={!receipts || receipts.status === 'sent' ? 'check' : 'checks'} />;
  const name = `ticks ${receipts?.status ?? 'sent'}`;
  if (!receipts || receipts.memberCount < 2)
    return (
      <span class={name} title={label}>
        {mark}
        <span class="hidden">{label}</span>
      </span>
    );
  return (
    <>
      <button
        type="button"
        class={`plain ${name}`}
        aria-label={label}
        title={[label, ...namesIn(receipts.readBy, t)].join('\n')}
        tabIndex={tabIndex}
        onClick={() => setOpen(true)}
      >
        {receipts.readCount > 0 && receipts.status !== 'read' && (
          <span aria-hidden="true">{receipts.readCount}</span>
        )}
        {mark}
      </button>
      {isOpen && <Readers receipts={receipts} onClose={() => setOpen(false)} />}
    </>
  );
}

function labelOf(receipts: MessageReceipts | undefined, t: Texts): string {
  if (!receipts) return t.ticks.sent;
  const { status, memberCount, deliveredCount, readCount } = receipts;
  if (memberCount < 2 || status === 'read') return t.ticks[status];
  if (readCount > 0) return t.readBy(readCount, memberCount);
  return deliveredCount > 0 ? t.deliveredTo(deliveredCount, memberCount) : t.ticks.sent;
}

const namesIn = (people: readonly Person[] | null, t: Texts) =>
  (people ?? []).map((person) => nameOf(person, t));

function Readers({ receipts, onClose }: { receipts: MessageReceipts; onClose: () => void }): JSX.Element {
  const t = useTexts();
  const { memberCount, readCount, deliveredCount, readBy, deliveredTo } = receipts;
  const readers = new Set(readBy?.map(({ id }) => id));
  const others = deliveredTo?.filter(({ id }) => !readers.has(id)) ?? null;
  return (
    <Dialog title={t.receipts} onClose={onClose}>
      <People title={t.readBy(readCount, memberCount)} people={readBy} />
      <People title={t.deliveredTo(deliveredCount, memberCount)} people={others} />
    </Dialog>
  );
}

/** Without names in a room that is too large for them. */
function People({ title, people }: { title: string; people: readonly Person[] | null }): JSX.Element {
  const t = useTexts();
  return (
    <section class="readers">
      <h3>{title}</h3>
      <ul class="members">
        {people?.map((person) => (
          <li key={person.id}>
            <Avatar id={person.id} name={nameOf(person, t)} />
            <span>{nameOf(person, t)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
