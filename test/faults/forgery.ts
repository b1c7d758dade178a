import { pack, unpack } from '../../src/eventlog/follower/packets.ts';
import { Sealer } from '../../src/platform/sealing.ts';
import { JWT_SECRET } from '../harness/node.ts';
import { openPush, type Push } from './announcements.ts';

const HEADER_AND_NONCE_BYTES = 18;

/** Packets that tell of an event which never happened, made from a genuine one; none of them may be believed. */
export function forgeries(roomId: number, genuine: Push, roomSeq: number): Buffer[] {
  const opened = openPush(genuine);
  const part = opened && unpack(opened.text, (_topic, id) => id === roomId)?.parts[0];
  if (!part) return [];
  const json = inventedJson(roomId, part.json, roomSeq);
  const text = pack('rooms', [{ id: roomId, json }])[0]?.text ?? '';
  const seal = (secret: string, epoch: number) =>
    new Sealer([secret]).seal(genuine.channel, epoch, text) ?? Buffer.alloc(0);
  return [
    seal('a secret that somebody has guessed', opened.epoch),
    seal(JWT_SECRET, (opened.epoch + 1) % 4_294_967_296),
    rewritten(genuine.payload, opened.text, part.json, json),
    genuine.payload.subarray(0, -1),
    Buffer.from(`rooms garbage ${roomId}:7 garbage`),
    Buffer.from('{}'),
  ];
}

/**
 * The next event of the room, in exactly as many characters as the genuine one has.
 * @throws Error where announcements have another shape by now: such a forgery would prove nothing
 */
function inventedJson(roomId: number, genuine: string, roomSeq: number): string {
  const { events } = JSON.parse(genuine) as { events: (object & { record: object })[] };
  const { record, ...event } = events.at(-1) ?? { record: {} };
  if (!('text' in record && 'idempotencyKey' in record)) throw new Error(`no message to forge in ${genuine}`);
  const withText = (text: string) =>
    JSON.stringify({
      head: roomSeq,
      events: [
        { ...event, roomSeq, subject: roomSeq, record: { ...record, roomSeq, text, idempotencyKey: '' } },
      ],
    });
  const text = `r${roomId}: never said`;
  const spare = genuine.length - withText(text).length;
  if (spare < 0) throw new Error(`the forgery is too long by ${-spare} for ${genuine}`);
  return withText(text + '.'.repeat(spare));
}

/** Without the key: whoever knows what a packet says can make its ciphertext say something else of that length. */
function rewritten(packet: Buffer, text: string, from: string, to: string): Buffer {
  const [before, after] = [Buffer.from(text), Buffer.from(text.replace(from, () => to))];
  const forged = Buffer.from(packet);
  for (const [i, byte] of after.subarray(0, before.length).entries()) {
    const at = HEADER_AND_NONCE_BYTES + i;
    forged[at] = (packet[at] ?? 0) ^ (before[i] ?? 0) ^ byte;
  }
  return forged;
}
