/**
 * Global ids: opaque to clients, typed, over the numbers inside. A message is known by its place in the log of its
 * room, a membership by room and user, so every lookup reaches one partition. They need not be unguessable: every
 * access is checked. Plain text, because each event has several of them: base64 around it took six times as long.
 */
export type NodeType = 'User' | 'Session' | 'Room' | 'RoomMembership' | 'Message';

const prefixes: Record<NodeType, string> = {
  User: 'user',
  Session: 'session',
  Room: 'room',
  RoomMembership: 'member',
  Message: 'msg',
};
const types = new Map(Object.entries(prefixes).map(([type, prefix]) => [prefix, type as NodeType]));
const isPair = (type: NodeType) => type === 'RoomMembership' || type === 'Message';

export interface NodeId {
  readonly type: NodeType;
  readonly keys: readonly [number, number?];
}

export function encodeId(type: NodeType, key: number | bigint, second?: number | bigint): string {
  return second === undefined ? `${prefixes[type]}_${key}` : `${prefixes[type]}_${key}_${second}`;
}

// The one spelling only: ids are compared as strings by clients.
const ID = /^([a-z]+)_([1-9]\d{0,15})(?:_([1-9]\d{0,15}))?$/;

/** Null for anything that `encodeId` did not make. */
export function decodeId(id: string): NodeId | null {
  const [, prefix = '', first, second] = ID.exec(id) ?? [];
  const type = types.get(prefix);
  if (!type || isPair(type) !== (second !== undefined)) return null;
  const keys = [first, second].filter((key) => key !== undefined).map(Number);
  return keys.every(Number.isSafeInteger) ? { type, keys: keys as [number, number?] } : null;
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
