import { randomUUID } from 'node:crypto';

/**
 * Returns an id for logs and clients. It is a flat string: Node.js builds UUIDs from twenty parts and keeps all of
 * them.
 */
export function newCorrelationId(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}
