import type { MessageInfo } from '@parley/client';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { useTexts } from './hooks.ts';
import { Icon } from './icons.tsx';
import { attempt } from './problems.tsx';

/** The sending state of a message of this device. */
export function Fate({
  message,
}: {
  message: Pick<MessageInfo, 'key' | 'status' | 'error'>;
}): JSX.Element | null {
  const t = useTexts();
  const { key, status, error } = message;
  if (status === 'stored') return null;
  if (status !== 'failed') return <Waiting isSent={status === 'sent'} />;
  return (
    <p class="fate failed">
      <Icon name="warning" />
      <span>
        {t.failed}: {t.errors[error?.code ?? ''] ?? error?.detail}
      </span>
      <button type="button" class="small" onClick={() => attempt(() => client.retry(key))}>
        {t.retry}
      </button>
      <button type="button" class="small" onClick={() => attempt(() => client.discard(key))}>
        {t.discard}
      </button>
    </p>
  );
}

function Waiting({ isSent }: { isSent: boolean }): JSX.Element {
  const t = useTexts();
  return (
    <p class="fate">
      <Icon name={isSent ? 'check' : 'clock'} />
      <span>{isSent ? t.sending : t.pending}</span>
    </p>
  );
}
