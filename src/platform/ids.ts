import { randomUUID } from 'node:crypto';

/** A name for what happens, in logs and to clients. In one piece: Node.js puts UUIDs together from twenty, and they stay that. */
export function newCorrelationId(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}

/**
 * Global ids: opaque to clients, typed, over the numbers inside. A message is known by its place in the log of its
 * room, a membership by room and user, so every lookup reaches one partition. They need not be unguessable: every
 * access is checked.
 */
export type NodeType = 'User' | 'Session' | 'Room' | 'RoomMembership' | 'Message';

const parts: Record<NodeType, 1 | 2> = { User: 1, Session: 1, Room: 1, RoomMembership: 2, Message: 2 };

export interface NodeId {
  readonly type: NodeType;
  readonly keys: readonly [number, number?];
}

export function encodeId(type: NodeType, ...keys: (number | bigint)[]): string {
  return Buffer.from(`${type}:${keys.join(':')}`).toString('base64url');
}

function isNodeType(name: string | undefined): name is NodeType {
  return name !== undefined && Object.hasOwn(parts, name);
}

/** Null for anything that `encodeId` did not make. */
export function decodeId(id: string): NodeId | null {
  if (id.length > 80) return null;
  const [type, ...keys] = Buffer.from(id, 'base64url').toString('latin1').split(':');
  if (!isNodeType(type) || keys.length !== parts[type]) return null;
  const numbers = keys.map(Number);
  if (numbers.some((n) => !Number.isSafeInteger(n) || n < 1)) return null;
  // The one spelling only: ids are compared as strings by clients.
  if (encodeId(type, ...numbers) !== id) return null;
  return { type, keys: numbers as [number, number?] };
}

/** The number inside an id of that type, or null. */
export function idOf(type: 'User' | 'Session' | 'Room', id: string): number | null {
  const decoded = decodeId(id);
  return decoded?.type === type ? decoded.keys[0] : null;
}

/** Both numbers inside an id of that type, or null. */
export function pairOf(type: 'RoomMembership' | 'Message', id: string): readonly [number, number] | null {
  const decoded = decodeId(id);
  return decoded?.type === type ? (decoded.keys as [number, number]) : null;
}
