import { describe, expect, test } from 'vitest';
import { MAX_PACKET_BYTES, Sealer } from '../src/platform/sealing.ts';

const SECRET = 'a secret of this test';
const CHANNEL = 'parley:7';
const EPOCH = 4_000_000_000;
const TEXT = 'rooms 7:20 {"text":"grüße 💬"}';

const sealer = new Sealer([SECRET]);
const seal = (by = sealer) => by.seal(CHANNEL, EPOCH, TEXT) ?? expect.fail('not sealed');

describe('a sealed packet', () => {
  test('is opened by every node that has the secret', () => {
    expect(new Sealer([SECRET]).open(CHANNEL, seal())).toEqual({ epoch: EPOCH, text: TEXT });
  });

  test('shows nothing of what it says', () => {
    const packet = seal();
    for (const word of ['rooms', 'text', 'grüße', '7:20']) expect(packet.includes(word)).toBe(false);
  });

  test('is never made twice: neither with one nonce nor of one ciphertext', () => {
    const packets = [...Array.from({ length: 1_000 }, () => seal()), seal(new Sealer([SECRET]))];
    const part = (from: number, to: number) =>
      new Set(packets.map((packet) => packet.subarray(from, to).toString('hex'))).size;
    expect(part(6, 18)).toBe(packets.length);
    expect(part(18, 34)).toBe(packets.length);
  });

  test('is not authentic when a single bit of it is another', () => {
    const packet = seal();
    for (let bit = 16; bit < packet.length * 8; bit++) {
      const altered = Buffer.from(packet);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect([bit, sealer.open(CHANNEL, altered)]).toEqual([bit, 'not authentic']);
    }
  });

  test('is not authentic on another channel', () => {
    expect(sealer.open('parley:8', seal())).toBe('not authentic');
  });

  test('is not opened when a part of it is missing, or something was added', () => {
    const packet = seal();
    for (let length = 0; length < packet.length; length++)
      expect(typeof sealer.open(CHANNEL, packet.subarray(0, length))).toBe('string');
    expect(sealer.open(CHANNEL, Buffer.concat([packet, Buffer.from([0])]))).toBe('not authentic');
    expect(sealer.open(CHANNEL, Buffer.alloc(0))).toBe('malformed');
  });

  test('of another version is recognised as such: nodes of two releases ignore each other', () => {
    const packet = seal();
    packet[0] = 2;
    expect(sealer.open(CHANNEL, packet)).toBe('other version');
    expect(sealer.open(CHANNEL, Buffer.from(`rooms ${'x'.repeat(43)} 7:20 {}`))).toBe('other version');
  });

  test('of another secret is refused', () => {
    expect(['other key', 'not authentic']).toContain(
      sealer.open(CHANNEL, seal(new Sealer(['another secret']))),
    );
  });

  test('is opened with the secret before, while secrets are exchanged', () => {
    const next = new Sealer(['the next secret', SECRET]);
    expect(next.open(CHANNEL, seal())).toEqual({ epoch: EPOCH, text: TEXT });
    expect(typeof sealer.open(CHANNEL, seal(next))).toBe('string');
  });

  test('of more than the bound is neither made nor looked at', () => {
    expect(sealer.seal(CHANNEL, EPOCH, 'x'.repeat(MAX_PACKET_BYTES))).toBeNull();
    expect(sealer.open(CHANNEL, Buffer.alloc(20_000_000, 1))).toBe('oversized');
  });
});
