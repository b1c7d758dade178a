import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Health } from '../health.ts';

/** Called when a request begins and when it is answered, because the drain may have begun in between. */
export function closeWhileDraining(health: Health, res: ServerResponse): void {
  if (health.isDraining) res.setHeader('connection', 'close');
}

/** Cuts a client that sends another request while its refusal is delayed. */
export function cutImpatient({ socket }: IncomingMessage): void {
  socket.destroy();
}
