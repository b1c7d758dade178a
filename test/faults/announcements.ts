import { type Part, unpack } from '../../src/eventlog/follower/packets.ts';
import { type Opened, Sealer } from '../../src/platform/sealing.ts';
import { JWT_SECRET } from '../harness/node.ts';
import type { Transform, Watcher } from './proxy.ts';
import type { Random } from './random.ts';

/** A RESP2 push of a subscriber: `*3 $7 message $n channel $m payload`. */
export interface Push {
  readonly frame: Buffer;
  readonly channel: string;
  readonly payload: Buffer;
}

type Decision = 'pass' | 'drop' | 'twice' | 'swap';

const HEAD = Buffer.from('*3\r\n$7\r\nmessage\r\n');

/** One bulk string at an offset; null while it is not whole. */
function bulk(buffer: Buffer, at: number): { text: Buffer; end: number } | null {
  const line = buffer.indexOf('\r\n', at);
  if (line < 0) return null;
  const length = Number(buffer.toString('latin1', at + 1, line));
  const end = line + 2 + length + 2;
  return end <= buffer.length ? { text: buffer.subarray(line + 2, end - 2), end } : null;
}

/** The push at the beginning; null where it is not whole yet. */
export function pushAt(buffer: Buffer): Push | null {
  const channel = bulk(buffer, HEAD.length);
  const payload = channel && bulk(buffer, channel.end);
  if (!channel || !payload) return null;
  return {
    frame: buffer.subarray(0, payload.end),
    channel: channel.text.toString(),
    payload: payload.text,
  };
}

/** Sits on the links to Redis and decides what becomes of each announcement; probes and the rest pass. */
export class Announcements implements Watcher {
  /** Asked for each announcement; what is dropped here never reaches the node. */
  shouldDrop: (push: Push) => boolean = () => false;
  /** Probabilities of random mischief. */
  drop = 0;
  twice = 0;
  swap = 0;
  dropped = 0;
  /** The newest genuine one that tells of a message, by room: from it a forger would learn. */
  readonly seen = new Map<number, Push>();
  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  calm(): void {
    this.shouldDrop = () => false;
    this.drop = 0;
    this.twice = 0;
    this.swap = 0;
  }

  attach(): { outward: Transform; inward: Transform } {
    let rest: Buffer = Buffer.alloc(0);
    let held: Buffer | null = null;
    const inward = (chunk: Buffer): Buffer | null => {
      const out: Buffer[] = [];
      let buffer = rest.length ? Buffer.concat([rest, chunk]) : chunk;
      for (;;) {
        const start = buffer.indexOf(HEAD);
        if (start < 0) break;
        out.push(buffer.subarray(0, start));
        buffer = buffer.subarray(start);
        const push = pushAt(buffer);
        if (!push) break;
        buffer = buffer.subarray(push.frame.length);
        const decision = this.decide(push);
        if (decision === 'swap' && !held) {
          held = push.frame;
          continue;
        }
        if (decision !== 'drop') out.push(push.frame);
        if (decision === 'twice') out.push(push.frame);
        if (held) out.push(held);
        held = null;
      }
      // What begins like a push and is not whole waits for its rest.
      const isPartial = buffer.indexOf(HEAD) === 0;
      rest = isPartial ? Buffer.from(buffer) : Buffer.alloc(0);
      if (!isPartial) out.push(buffer);
      return Buffer.concat(out);
    };
    return { outward: (chunk) => chunk, inward };
  }

  private decide(push: Push): Decision {
    if (!/^parley:\d+$/.test(push.channel)) return 'pass';
    this.learn(push);
    if (this.shouldDrop(push) || this.random.chance(this.drop)) {
      this.dropped++;
      return 'drop';
    }
    if (this.random.chance(this.twice)) return 'twice';
    return this.random.chance(this.swap) ? 'swap' : 'pass';
  }

  private learn(push: Push): void {
    for (const { id, json } of partsOf(push)) if (json.includes('"MessageCreated"')) this.seen.set(id, push);
  }
}

const sealer = new Sealer([JWT_SECRET]);

/** What a packet says, with the secret of the tests' nodes; null where it is none of theirs. */
export function openPush({ channel, payload }: Pick<Push, 'channel' | 'payload'>): Opened | null {
  const opened = sealer.open(channel, payload);
  return typeof opened === 'string' ? null : opened;
}

/** Of each room that an announcement tells of. */
export function partsOf(push: Pick<Push, 'channel' | 'payload'>): readonly Part[] {
  const opened = openPush(push);
  const packet = opened && unpack(opened.text, () => true);
  return packet?.topic === 'rooms' ? packet.parts : [];
}
