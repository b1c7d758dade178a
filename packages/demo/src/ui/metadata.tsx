import type { MessageInfo } from '@parley/client';
import { fromMetadata } from '@parley/client/metadata';
import type { JSX } from 'preact';
import { useTexts } from './hooks.ts';

/** What the client of the author attached to a message. */
export function Metadata({ message }: { message: Pick<MessageInfo, 'metadata'> }): JSX.Element | null {
  const t = useTexts();
  const entries = Object.entries(fromMetadata(message.metadata));
  if (entries.length === 0) return null;
  return (
    <dl class="metadata" aria-label={t.metadata}>
      {entries.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{typeof value === 'boolean' ? t.truth(value) : value}</dd>
        </div>
      ))}
    </dl>
  );
}
