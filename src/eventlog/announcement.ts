import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RoomEvent } from './kinds.ts';

/** What a node tells the others of a room after a commit: its new head and, on the hot path, the events up to it. */
export interface Announcement {
  readonly epoch: number;
  readonly head: number;
  readonly events: readonly RoomEvent[];
}

/** The JSON of one room. */
export interface Part {
  readonly id: number;
  readonly json: string;
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

// -- packets -----------------------------------------------------------------------------------

export type Topic = 'rooms' | 'accounts';

/** One message between nodes: `<topic> <signature> <id>:<length>,… <json><json>…`, lengths in UTF-16 units. */
export interface Packet {
  readonly topic: Topic;
  readonly signature: string;
  /** What is signed, with the topic. */
  readonly content: string;
}

/** Larger batches are told in several packets, so that no subscriber has to hold much of one. */
const PACKET_LENGTH = 256 * 1024;

/** Parts in as few packets as their lengths allow. */
export function pack(parts: readonly Part[]): string[] {
  const packets: string[] = [];
  let [index, body] = ['', ''];
  for (const { id, json } of parts) {
    if (body !== '' && body.length + json.length > PACKET_LENGTH) {
      packets.push(`${index} ${body}`);
      [index, body] = ['', ''];
    }
    index += `${index && ','}${id}:${json.length}`;
    body += json;
  }
  if (index) packets.push(`${index} ${body}`);
  return packets;
}

/** The parts that are asked for; the others are not even looked at. */
export function unpack(content: string, isWanted: (id: number) => boolean): Part[] {
  const space = content.indexOf(' ');
  const parts: Part[] = [];
  let at = space + 1;
  for (const entry of content.slice(0, space).split(',')) {
    const [id = Number.NaN, length = 0] = entry.split(':').map(Number);
    if (isWanted(id)) parts.push({ id, json: content.slice(at, at + length) });
    at += length;
  }
  return parts;
}

/** Signed, because whoever reaches Redis could tell nodes what never happened. */
export function seal(key: Buffer, topic: Topic, content: string): string {
  return `${topic} ${sign(key, topic, content)} ${content}`;
}

/** Null for what is no packet at all. Whether it is genuine is another question. */
export function openPacket(payload: string): Packet | null {
  const first = payload.indexOf(' ');
  const second = payload.indexOf(' ', first + 1);
  const topic = payload.slice(0, first);
  if (second < 0 || (topic !== 'rooms' && topic !== 'accounts')) return null;
  return { topic, signature: payload.slice(first + 1, second), content: payload.slice(second + 1) };
}

export function isGenuine(key: Buffer, { topic, signature, content }: Packet): boolean {
  const expected = Buffer.from(sign(key, topic, content));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function sign(key: Buffer, topic: Topic, content: string): string {
  return createHmac('sha256', key).update(`${topic} ${content}`).digest('base64url');
}
