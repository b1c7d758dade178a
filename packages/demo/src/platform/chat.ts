import { createClient } from '@parley/client';
import { Line } from './line.ts';
import { heartbeatSeconds } from './page.ts';

export const line = new Line();

/** The client of this page. */
export const client = createClient({
  url: new URL('/graphql', location.href).href,
  webSocketImpl: line.WebSocket,
  fetch: line.fetch,
  heartbeatSeconds,
  onItem: line.check,
});

export function cutLine(): void {
  line.cut();
}

export async function restoreLine(): Promise<void> {
  line.restore();
  await client.reconnect();
}

addEventListener('online', () => void client.reconnect());
