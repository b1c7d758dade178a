import type { ForwardInfo } from '@parley/client/forwards';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { origins } from '../platform/origins.ts';
import { showMessage } from '../platform/threads.ts';
import { useTexts, useValue } from './hooks.ts';
import { Icon } from './icons.tsx';
import { nameOf } from './people.tsx';

interface ForwardedProps {
  readonly messageId: string;
  readonly tabIndex: number;
}

/** That a message was forwarded; with its origin, if the viewer may see that. */
export function Forwarded({ messageId, tabIndex }: ForwardedProps): JSX.Element {
  const t = useTexts();
  const source = useMemo(() => origins.of(messageId), [messageId]);
  const forward = useValue(source);
  return (
    <p class="forwarded">
      <Icon name="forward" />
      {forward?.origin ? <Origin origin={forward.origin} tabIndex={tabIndex} /> : t.forwarded}
    </p>
  );
}

interface OriginProps {
  readonly origin: NonNullable<ForwardInfo['origin']>;
  readonly tabIndex: number;
}

function Origin({ origin, tabIndex }: OriginProps): JSX.Element {
  const t = useTexts();
  const { id, author, room, text } = origin;
  const open = () => showMessage(room.id, id, origin);
  return (
    <>
      <button type="button" class="link" tabIndex={tabIndex} onClick={open}>
        {t.forwardedFrom(nameOf(author, t), room.title || t.directRoom)}
      </button>
      {text === null && <small>{t.deleted}</small>}
    </>
  );
}
