import { createClient, type ParleyError } from '@parley/client';
import { indexedDBStorage } from '@parley/client/indexeddb';
import { Cell } from './cell.ts';
import { Line } from './line.ts';
import { heartbeatSeconds } from './page.ts';

export const line = new Line();

/** An error outside of a user's action: of storage, or a refused reaction. */
export const failure = new Cell<ParleyError | null>(null);

/** The client of this page. It shares its data and one connection with the other tabs. */
export const client = createClient({
  url: new URL('/graphql', location.href).href,
  storage: indexedDBStorage('parley'),
  webSocketImpl: line.WebSocket,
  fetch: line.fetch,
  heartbeatSeconds,
  onItem: line.check,
  onError: (error) => failure.set(error),
});

export function cutLine(): void {
  line.cut();
}

export async function restoreLine(): Promise<void> {
  line.restore();
  await client.reconnect();
}

addEventListener('online', () => void client.reconnect());
