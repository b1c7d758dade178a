import { randomUUID } from 'node:crypto';

/** A name for what happens, in logs and to clients. In one piece: Node.js puts UUIDs together from twenty, and they stay that. */
export function newCorrelationId(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}
