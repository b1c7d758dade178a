import type { Client } from './client.ts';
import { SetLifetimeDocument } from './generated/documents.ts';
import { successOf } from './http.ts';
import type { MessageInfo } from './views.ts';

// An entry of its own: an application without disappearing messages does not load it.

/**
 * Lets messages that are sent to a room from now on disappear after so many seconds; null: they stay.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function setMessageLifetime(
  client: Client,
  roomId: string,
  seconds: number | null,
): Promise<void> {
  const input = { roomId, messageLifetimeSeconds: seconds ?? 0 };
  successOf((await client.request(SetLifetimeDocument, { input })).updateRoom);
}

/** In how many ms a message disappears, by the clock of this device: 0 if it has; null if it stays. */
export function expiresInMs({ expiresAt }: Pick<MessageInfo, 'expiresAt'>, now = Date.now()): number | null {
  return expiresAt ? Math.max(0, Date.parse(expiresAt) - now) : null;
}
