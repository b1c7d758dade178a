import type { ConnectionState } from '@parley/client';
import type { JSX } from 'preact';
import { client, line, restoreLine } from '../platform/chat.ts';
import type { Texts } from '../texts/en.ts';
import { useTexts, useValue } from './hooks.ts';
import { attempt } from './problems.tsx';

/**
 * The state of the connection. It is always in the page, so that screen readers announce changes; it takes no space
 * while connected.
 */
export function Banner(): JSX.Element {
  const t = useTexts();
  const connection = useValue(client.connection);
  const { isCut } = useValue(line.state);
  return (
    <div class={`banner ${connection.status}`} role="status" data-status={connection.status}>
      <span class="banner-text">{sayingFor(connection, isCut, t)}</span>
      {connection.status === 'catching-up' && connection.total !== null && (
        <progress value={connection.done} max={connection.total} aria-label={t.catchingUp(0, null)} />
      )}
      {connection.status === 'offline' && (
        <button type="button" class="small" onClick={() => attempt(restoreLine)}>
          {isCut ? t.reconnect : t.retryNow}
        </button>
      )}
    </div>
  );
}

function sayingFor(connection: ConnectionState, isCut: boolean, t: Texts): string {
  switch (connection.status) {
    case 'catching-up':
      return t.catchingUp(connection.done, connection.total);
    case 'offline':
      return isCut ? t.offlineCut : t.offline;
    case 'live':
      return t.live;
    case 'connecting':
      return t.connecting;
    case 'signed-out':
      return t.sessionEnded;
  }
}
