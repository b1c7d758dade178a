import type { Services } from '../context.ts';
import type { PersonRecord } from '../eventlog/kinds.ts';
import { type EphemeralKind, topicOf } from '../eventlog/registry.ts';
import { messageCreated } from '../messages/events.ts';
import { memo } from '../platform/memo.ts';
import { memberJoined, memberLeft } from '../rooms/events.ts';
import { findSharing, listMarkers, MAX_RECEIPT_MEMBERS, type Marker } from './store.ts';

export { MAX_RECEIPT_MEMBERS, type Marker } from './store.ts';

/** How long nodes that missed it may still be told that marks were moved. */
const TOLD_MS = 60_000;

/** The marks of all members of a room who share them; null in rooms of more than MAX_RECEIPT_MEMBERS. */
export interface Markers {
  readonly roomId: number;
  readonly people: readonly PersonRecord[];
  readonly markers: readonly Marker[] | null;
}

export const receiptsChanged: EphemeralKind<Markers> = {
  name: 'ReceiptsChanged',
  description:
    'How far the members have read: all members who share it, each time. The first item has the current state; later ones come ' +
    'when marks were moved, or members came and went, at most once a second. Not part of the log: it has no number and no cursor, and may be lost. It does ' +
    'not come when a member sends a message, which moves the marks of that member to it.',
  include: 'RECEIPTS',
  includes: 'how far members have read, for members who share that themselves when the stream opens',
  topic: 'receipts',
  async read(sql, roomId) {
    const all = await listMarkers(sql, roomId);
    const markers = all.length <= MAX_RECEIPT_MEMBERS ? all : null;
    return { roomId, people: (markers ?? []).map(personIn), markers };
  },
  changedBy: ({ kind }) => kind === memberJoined.name || kind === memberLeft.name,
  impliedBy: ({ kind }) => kind === messageCreated.name,
  isFor: async (sql, userId, roomId) => (await findSharing(sql, userId, [roomId])).get(roomId) ?? false,
};

const personIn = ({ userId, username, displayName }: Marker): PersonRecord => ({
  id: userId,
  username,
  displayName,
  deletedAt: null,
});

const countOf = memo((_node: Services) => ({ moves: 0 }));

/** Tells all nodes with watchers of the room that marks moved. They read the marks themselves. */
export function tellMoved(node: Services, roomId: number): void {
  const value = `${++countOf(node).moves}`;
  // A node that has published as many values as it may leaves watchers to the next move.
  node.ephemeral.publish(topicOf(receiptsChanged, roomId), node.ephemeral.nodeId, value, TOLD_MS);
}
