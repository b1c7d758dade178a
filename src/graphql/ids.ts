/**
 * Global ids: typed, opaque to clients, made of numbers. A message is identified by its position in the log of its
 * room, a thread by that of its root, a membership by room and user, so every lookup reads one partition. Ids need not be unguessable, because every
 * access is checked. They are plain text because each event has several: base64 took six times as long.
 */
export type NodeType =
  | 'User'
  | 'Session'
  | 'Room'
  | 'RoomMembership'
  | 'Message'
  | 'Thread'
  | 'Invite'
  | 'Passkey'
  | 'CustomEmoji'
  | 'JoinRequest';

const prefixes: Record<NodeType, string> = {
  User: 'user',
  Session: 'session',
  Room: 'room',
  RoomMembership: 'member',
  Message: 'msg',
  Thread: 'thread',
  Invite: 'invite',
  Passkey: 'passkey',
  JoinRequest: 'request',
  CustomEmoji: 'emoji',
};
const types = new Map(Object.entries(prefixes).map(([type, prefix]) => [prefix, type as NodeType]));
type PairType = 'RoomMembership' | 'Message' | 'Thread' | 'JoinRequest';
const pairs: ReadonlySet<NodeType> = new Set<PairType>([
  'RoomMembership',
  'Message',
  'Thread',
  'JoinRequest',
]);
const isPair = (type: NodeType) => pairs.has(type);

/** A message by its position in the log of its room. */
export interface MessageKey {
  readonly roomId: number;
  readonly roomSeq: number;
}

export interface NodeId {
  readonly type: NodeType;
  readonly keys: readonly [number, number?];
}

export function encodeId(type: NodeType, key: number | bigint, second?: number | bigint): string {
  return second === undefined ? `${prefixes[type]}_${key}` : `${prefixes[type]}_${key}_${second}`;
}

// Accepts one spelling only, because clients compare ids as strings.
const ID = /^([a-z]+)_([1-9]\d{0,15})(?:_([1-9]\d{0,15}))?$/;

/** Returns null for any text that `encodeId` does not produce. */
export function decodeId(id: string): NodeId | null {
  const [, prefix = '', first, second] = ID.exec(id) ?? [];
  const type = types.get(prefix);
  if (!type || isPair(type) !== (second !== undefined)) return null;
  const keys = [first, second].filter((key) => key !== undefined).map(Number);
  return keys.every(Number.isSafeInteger) ? { type, keys: keys as [number, number?] } : null;
}

/** The number inside an id of that type, or null. */
export function idOf(type: 'User' | 'Session' | 'Room' | 'Invite' | 'Passkey', id: string): number | null {
  const decoded = decodeId(id);
  return decoded?.type === type ? decoded.keys[0] : null;
}

/** Both numbers inside an id of that type, or null. */
export function pairOf(type: PairType, id: string): readonly [number, number] | null {
  const decoded = decodeId(id);
  return decoded?.type === type ? (decoded.keys as [number, number]) : null;
}
