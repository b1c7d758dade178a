import type { Model, OutboxEntry } from './model.ts';
import { settleReactions } from './reactions.ts';
import type { Room } from './reducer.ts';

type Entries = Model['outbox'];

const byPlace = (a: OutboxEntry, b: OutboxEntry) => a.place - b.place;

/** The entries in the order of sending. */
export const entriesOf = (outbox: Entries, roomId?: string): OutboxEntry[] =>
  Object.values(outbox)
    .filter((entry) => roomId === undefined || entry.roomId === roomId)
    .sort(byPlace);

/** The next entry of the room to send. */
export const nextPending = (outbox: Entries, roomId: string): OutboxEntry | undefined =>
  entriesOf(outbox, roomId).find(({ status }) => status === 'pending');

export type NewEntry = Pick<
  OutboxEntry,
  'key' | 'roomId' | 'text' | 'replyToId' | 'thread' | 'parts' | 'createdAt'
>;

/** Adds an entry after all others. An existing entry stays unchanged. */
export function addEntry(model: Model, entry: NewEntry): Model {
  if (model.outbox[entry.key]) return model;
  return putEntry(model, {
    ...entry,
    place: lastPlace(model) + 1,
    status: 'pending',
    error: null,
    roomSeq: null,
  });
}

const lastPlace = ({ outbox }: Model) => Math.max(0, ...Object.values(outbox).map(({ place }) => place));

function putEntry(model: Model, entry: OutboxEntry): Model {
  return { ...model, outbox: { ...model.outbox, [entry.key]: entry } };
}

/** Changes an entry. Does nothing if it is gone, because its event has arrived. */
export function changeEntry(model: Model, key: string, change: Partial<OutboxEntry>): Model {
  const held = model.outbox[key];
  return held ? putEntry(model, { ...held, ...change }) : model;
}

/** Removes an entry that is there. */
export function removeEntry(model: Model, key: string): Model {
  const { [key]: _removed, ...outbox } = model.outbox;
  return { ...model, outbox };
}

/** Sends a failed entry again, after all others. `newKey` replaces a key that was used for other content. */
export function retryEntry(model: Model, key: string, newKey: string): Model {
  const held = model.outbox[key];
  if (held?.status !== 'failed') return model;
  const isKeySpent = held.error?.code === 'IDEMPOTENCY_CONFLICT';
  return addEntry(removeEntry(model, key), { ...held, key: isKeySpent ? newKey : key });
}

interface Authored {
  readonly idempotencyKey: string;
  readonly author: { readonly id: string };
}

/** Removes the entry of this message of a room. */
export function acknowledge(model: Model, roomId: string, { idempotencyKey, author }: Authored): Model {
  const isOwn = author.id === model.state?.viewerId;
  return isOwn && model.outbox[idempotencyKey]?.roomId === roomId
    ? removeEntry(model, idempotencyKey)
    : model;
}

/** Removes all entries whose message the state contains, or would contain if it reached further back. */
export function settle(model: Model): Model {
  const arrived = Object.values(model.outbox).filter((entry) => hasArrived(model, entry));
  return settleReactions(arrived.reduce((next, { key }) => removeEntry(next, key), model));
}

function hasArrived({ state }: Model, { key, roomId, status, roomSeq }: OutboxEntry): boolean {
  const room = state?.rooms[roomId];
  // The viewer lost the room after the message was stored.
  if (!room) return status === 'sent';
  return (roomSeq !== null && roomSeq <= room.lastRoomSeq) || has(room, state?.viewerId, key);
}

function has({ messages }: Room, viewerId: string | undefined, key: string): boolean {
  return Object.values(messages).some(
    ({ authorId, idempotencyKey }) => idempotencyKey === key && authorId === viewerId,
  );
}
