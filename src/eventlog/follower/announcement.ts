import type { RoomEvent } from '../kinds.ts';
import { type EventRegistry, UNAVAILABLE } from '../registry.ts';
import type { Part } from './packets.ts';

/** An announcement of a commit in a room: its new head and, in the usual case, the events up to it. */
export interface Announcement {
  readonly head: number;
  readonly events: readonly RoomEvent[];
}

/** The changes of one room in a commit. */
export interface RoomNews extends Announcement {
  readonly roomId: number;
}

/** Larger parts are split, so that no subscriber has to keep much of one. In bytes. */
const PART_BYTES = 128 * 1024;

const partOf = (id: number, head: number, bodies: readonly string[]): Part => ({
  id,
  json: `{"head":${head},"events":[${bodies.join(',')}]}`,
});

/**
 * Splits the events of one room into as few parts as possible. An event that is too long for a part is omitted: nodes
 * read the room instead.
 */
export function partsOf({ roomId, head, events }: RoomNews): Part[] {
  const parts: Part[] = [];
  let [bodies, bytes]: [string[], number] = [[], 0];
  for (const event of events) {
    const body = JSON.stringify(event);
    const length = Buffer.byteLength(body);
    if (bytes + length > PART_BYTES && bodies.length > 0) {
      parts.push(partOf(roomId, event.roomSeq - 1, bodies));
      [bodies, bytes] = [[], 0];
    }
    if (length > PART_BYTES) continue;
    bodies.push(body);
    bytes += length;
  }
  parts.push(partOf(roomId, head, bodies));
  return parts;
}

const date = (value: unknown) => (typeof value === 'string' ? new Date(value) : null);

/**
 * Decodes an announcement without checking its shape, because a node with this secret sealed it. Returns null for a
 * text that is not JSON.
 */
export function decodeAnnouncement(json: string, registry: EventRegistry): Announcement | null {
  try {
    const { head, events } = JSON.parse(json) as Announcement;
    return { head, events: events.map((event) => revive(event, registry)) };
  } catch {
    return null;
  }
}

/** JSON has no dates, and a node of a newer version may announce kinds that this one does not know. */
function revive(event: RoomEvent, registry: EventRegistry): RoomEvent {
  const kind = registry.roomKindNamed(event.kind);
  const people = event.people.map((person) => ({ ...person, deletedAt: date(person.deletedAt) }));
  const createdAt = new Date(event.createdAt);
  if (!kind) return { ...event, kind: UNAVAILABLE, record: null, createdAt, people };
  const record = event.record && kind.subject ? kind.subject.revive(event.record) : null;
  return { ...event, record, createdAt, people };
}
