import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isGenuine, openPacket, pack, seal, unpack } from '../src/eventlog/announcement.ts';

describe('a packet of announcements', () => {
  const key = createHash('sha256').update('a key of this test').digest();
  const json = (length: number) => JSON.stringify({ text: 'ü💬'.repeat(length) });
  const parts = [3, 70, 9].map((id) => ({ id, json: json(id) }));
  const packetOf = (payload: string) => openPacket(payload) ?? expect.fail('no packet');

  test('gives back the parts that are asked for, whatever they contain', () => {
    const [content = ''] = pack(parts);
    const packet = packetOf(seal(key, 'rooms', content));
    expect(isGenuine(key, packet)).toBe(true);
    expect(unpack(packet.content, () => true)).toEqual(parts);
    expect(unpack(packet.content, (id) => id === 9)).toEqual([parts[2]]);
  });

  test('is not too long: a large batch becomes several', () => {
    const many = Array.from({ length: 20 }, (_, id) => ({ id, json: json(10_000) }));
    const packets = pack(many);
    expect(packets.length).toBeGreaterThan(1);
    for (const content of packets) expect(content.length).toBeLessThan(300_000);
    expect(packets.flatMap((content) => unpack(content, () => true))).toEqual(many);
    expect(pack([])).toEqual([]);
  });

  test.each([
    ['another key', (payload: string) => payload, createHash('sha256').update('another').digest()],
    ['another room', (payload: string) => payload.replace('70:', '71:'), key],
    ['another text', (payload: string) => payload.replace('ü', 'u'), key],
    ['another topic', (payload: string) => payload.replace('rooms', 'accounts'), key],
    ['a shorter signature', (payload: string) => payload.replace(/^(rooms .{9}).*? /, '$1 '), key],
  ])('is not genuine with %s', (_what, change, by) => {
    const [content = ''] = pack(parts);
    expect(isGenuine(by, packetOf(change(seal(key, 'rooms', content))))).toBe(false);
  });

  test.each(['', 'rooms', 'rooms x', 'room 5 x {}', ' x y'])('%j is none', (payload) => {
    expect(openPacket(payload)).toBeNull();
  });
});
