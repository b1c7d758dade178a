import type { RoomEvent } from './kinds.ts';

/** What a node tells the others after a commit: the new head of a room and, on the hot path, the events up to it. */
export interface Announcement {
  readonly epoch: number;
  readonly head: number;
  readonly events: RoomEvent[];
}

export function encodeAnnouncement(epoch: number, head: number, events: readonly RoomEvent[]): string {
  return JSON.stringify({ epoch, head, events });
}

const date = (value: unknown) => (typeof value === 'string' ? new Date(value) : null);

/** JSON knows no dates. Signed by a node, so its shape is believed; what is not JSON gives null. */
export function decodeAnnouncement(json: string): Announcement | null {
  try {
    const { epoch, head, events } = JSON.parse(json) as Announcement;
    return { epoch, head, events: events.map(revive) };
  } catch {
    return null;
  }
}

function revive(event: RoomEvent): RoomEvent {
  const message = event.message && {
    ...event.message,
    createdAt: new Date(event.message.createdAt),
    editedAt: date(event.message.editedAt),
    deletedAt: date(event.message.deletedAt),
  };
  const people = event.people.map((person) => ({ ...person, deletedAt: date(person.deletedAt) }));
  return { ...event, createdAt: new Date(event.createdAt), message, people };
}
