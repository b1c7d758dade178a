import { describe, expect, test } from 'vitest';
import { createEventRegistry } from '../src/capabilities.ts';
import { decodeAnnouncement, partsOf } from '../src/eventlog/follower/announcement.ts';
import { pack, unpack } from '../src/eventlog/follower/packets.ts';
import type { RoomEvent } from '../src/eventlog/kinds.ts';
import { MAX_PACKET_BYTES, Sealer } from '../src/platform/sealing.ts';

const json = (length: number) => JSON.stringify({ text: 'ü💬'.repeat(length) });
const all = () => true;

function eventOf(roomSeq: number, text: string): RoomEvent {
  const createdAt = new Date('2026-01-01T00:00:00Z');
  const message = {
    roomId: 7,
    roomSeq,
    seq: roomSeq,
    authorId: 1,
    idempotencyKey: 'key',
    text,
    replyToRoomSeq: null,
    version: 1,
    createdAt,
    editedAt: null,
    deletedAt: null,
    expiresAt: null,
  };
  const about = { roomId: 7, roomSeq, kind: 'MessageCreated', actorId: 1, subject: roomSeq } as const;
  return { ...about, messageSeq: roomSeq, createdAt, facts: null, record: message, people: [] };
}

const registry = createEventRegistry();

describe('a packet of announcements', () => {
  const parts = [3, 70, 9].map((id) => ({ id, json: json(id) }));

  test('gives back the parts that are asked for, whatever they contain', () => {
    const [packet] = pack('rooms', parts);
    expect(packet?.id).toBe(3);
    expect(unpack(packet?.text ?? '', all)).toEqual({ topic: 'rooms', parts });
    expect(unpack(packet?.text ?? '', (_topic, id) => id === 9)?.parts).toEqual([parts[2]]);
  });

  test('is never too long to be sealed: a large batch becomes several', () => {
    const sealer = new Sealer(['a secret of this test']);
    const many = Array.from({ length: 40 }, (_, id) => ({ id, json: json(10_000) }));
    const people = Array.from({ length: 200_000 }, (_, id) => ({ id: 1_000_000 + id, json: '' }));
    for (const [topic, told] of [
      ['rooms', many],
      ['accounts', people],
    ] as const) {
      const packets = pack(topic, told);
      expect(packets.length).toBeGreaterThan(1);
      for (const { text } of packets)
        expect(sealer.seal('parley:1', 1, text)?.length).toBeLessThanOrEqual(MAX_PACKET_BYTES);
      expect(packets.flatMap(({ text }) => unpack(text, all)?.parts ?? [])).toEqual(told);
    }
    expect(pack('rooms', [])).toEqual([]);
  });

  test.each(['', 'rooms', 'rooms x', 'room 5 x {}', ' x y'])('%j is none', (text) => {
    expect(unpack(text, all)).toBeNull();
  });
});

describe('the news of a room', () => {
  test('are one part, and come back as they were', () => {
    const events = [eventOf(4, 'ü'), eventOf(5, '💬')];
    const parts = partsOf({ roomId: 7, head: 5, events });
    expect(parts).toHaveLength(1);
    expect(decodeAnnouncement(parts[0]?.json ?? '', registry)).toEqual({ head: 5, events });
    expect(partsOf({ roomId: 7, head: 5, events: [] })).toEqual([{ id: 7, json: '{"head":5,"events":[]}' }]);
  });

  test('that are many are several parts, each of which continues the one before', () => {
    const events = Array.from({ length: 256 }, (_, i) => eventOf(i + 1, '💬'.repeat(5_000)));
    const parts = partsOf({ roomId: 7, head: 256, events }).map(({ json }) =>
      decodeAnnouncement(json, registry),
    );
    expect(parts.length).toBeGreaterThan(10);
    expect(parts.flatMap((part) => part?.events)).toEqual(events);
    for (const part of parts) expect(part?.head).toBe(part?.events.at(-1)?.roomSeq);
  });

  test('leave out a body that is too long for any packet, and say how far the log is to be read', () => {
    const events = [eventOf(1, 'short'), eventOf(2, 'x'.repeat(MAX_PACKET_BYTES)), eventOf(3, 'short')];
    const parts = partsOf({ roomId: 7, head: 3, events }).map(({ json }) =>
      decodeAnnouncement(json, registry),
    );
    expect(parts.flatMap((part) => part?.events.map(({ roomSeq }) => roomSeq))).toEqual([1, 3]);
    expect(parts.map((part) => part?.head)).toEqual([1, 3]);
  });
});
