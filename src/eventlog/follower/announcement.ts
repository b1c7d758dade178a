import { MAX_PACKET_BYTES } from '../../platform/sealing.ts';
import type { RoomEvent } from '../kinds.ts';
import { type EventRegistry, UNAVAILABLE } from '../registry.ts';

/** What a node tells the others of a room after a commit: its new head and, on the hot path, the events up to it. */
export interface Announcement {
  readonly head: number;
  readonly events: readonly RoomEvent[];
}

/** What a commit did in one room. */
export interface RoomNews extends Announcement {
  readonly roomId: number;
}

/** The JSON of one room. */
export interface Part {
  readonly id: number;
  readonly json: string;
}

/** Parts of more than this are split, so that no subscriber has to hold much of one. In bytes. */
const PART_BYTES = 128 * 1024;
/** The same of packets. Any packet of parts within their bound stays below MAX_PACKET_BYTES. */
const PACKET_BYTES = MAX_PACKET_BYTES / 2;

const partOf = (id: number, head: number, bodies: readonly string[]): Part => ({
  id,
  json: `{"head":${head},"events":[${bodies.join(',')}]}`,
});

/** The news of one room, in as many parts as it takes. An event too long for one is left out: its room is read instead. */
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

/** A node of this secret sealed it, so its shape is believed. Null for what is not JSON. */
export function decodeAnnouncement(json: string, registry: EventRegistry): Announcement | null {
  try {
    const { head, events } = JSON.parse(json) as Announcement;
    return { head, events: events.map((event) => revive(event, registry)) };
  } catch {
    return null;
  }
}

/** JSON has no dates; and a node of a newer version may announce kinds that this one does not know. */
function revive(event: RoomEvent, registry: EventRegistry): RoomEvent {
  const kind = registry.roomKindNamed(event.kind);
  const people = event.people.map((person) => ({ ...person, deletedAt: date(person.deletedAt) }));
  const createdAt = new Date(event.createdAt);
  if (!kind) return { ...event, kind: UNAVAILABLE, record: null, createdAt, people };
  const record = event.record && kind.subject ? kind.subject.revive(event.record) : null;
  return { ...event, record, createdAt, people };
}

// -- packets -----------------------------------------------------------------------------------

export type LogType = 'rooms' | 'accounts';

/** What one message between nodes says: `<topic> <id>:<length>,… <json><json>…`, lengths in UTF-16 units. */
export interface Packet {
  readonly topic: LogType;
  /** Of the first part. */
  readonly id: number;
  readonly text: string;
}

/** Parts in as few packets as their lengths allow. */
export function pack(topic: LogType, parts: readonly Part[]): Packet[] {
  const packets: Packet[] = [];
  let [index, body, bytes, first] = ['', '', 0, 0];
  const close = () => packets.push({ topic, id: first, text: `${topic} ${index} ${body}` });
  for (const { id, json } of parts) {
    const entry = `${id}:${json.length}`;
    const length = entry.length + 1 + Buffer.byteLength(json);
    if (index !== '' && bytes + length > PACKET_BYTES) {
      close();
      [index, body, bytes] = ['', '', 0];
    }
    if (index === '') first = id;
    index += `${index && ','}${entry}`;
    body += json;
    bytes += length;
  }
  if (index) close();
  return packets;
}

/** The parts that are asked for; the others are not even looked at. Null for what is no packet. */
export function unpack(text: string, isWanted: (topic: LogType, id: number) => boolean): Unpacked | null {
  const [first, second] = [text.indexOf(' '), text.indexOf(' ', text.indexOf(' ') + 1)];
  const topic = text.slice(0, first);
  if (second < 0 || (topic !== 'rooms' && topic !== 'accounts')) return null;
  const parts: Part[] = [];
  let at = second + 1;
  for (const entry of text.slice(first + 1, second).split(',')) {
    const [id = Number.NaN, length = 0] = entry.split(':').map(Number);
    if (isWanted(topic, id)) parts.push({ id, json: text.slice(at, at + length) });
    at += length;
  }
  return { topic, parts };
}

export interface Unpacked {
  readonly topic: LogType;
  readonly parts: readonly Part[];
}
