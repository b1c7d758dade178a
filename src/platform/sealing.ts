import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/** Maximum size of a packet in bytes. Longer ones are neither sent nor opened. */
export const MAX_PACKET_BYTES = 512 * 1024;

// version (1 byte), key id (1), epoch (4), nonce (12), ciphertext, tag (16)
const VERSION = 1;
const HEADER_BYTES = 6;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES;
const ALGORITHM = 'aes-256-gcm';

/** Why a packet cannot be opened. */
export type SealProblem = 'oversized' | 'malformed' | 'other version' | 'other key' | 'not authentic';

export interface Opened {
  readonly epoch: number;
  readonly text: string;
}

interface Key {
  readonly id: number;
  readonly secret: KeyObject;
}

function keyOf(secret: string): Key {
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', `parley bus ${purpose}`, length));
  return { id: derive('key id', 1).readUInt8(), secret: createSecretKey(derive('aes-256-gcm', 32)) };
}

/** Returns each nonce once: 7 random bytes of this object, and a counter of 5. Two nodes share a key, never a nonce. */
class Nonces {
  private prefix = randomBytes(7);
  private count = 0;

  next(): Buffer {
    if (this.count === 2 ** 40) [this.prefix, this.count] = [randomBytes(7), 0];
    const nonce = Buffer.allocUnsafe(NONCE_BYTES);
    this.prefix.copy(nonce);
    nonce.writeUIntBE(this.count++, 7, 5);
    return nonce;
  }
}

/**
 * Encrypts and authenticates messages between nodes (AES-256-GCM): with access to Redis, nobody can read or forge them.
 * The epoch and the channel are authenticated, too, so a packet is valid for one epoch and one channel. A replayed
 * packet is genuine: its receiver compares sequence numbers.
 */
export class Sealer {
  private readonly keys: readonly [Key, ...Key[]];
  private readonly nonces = new Nonces();

  /** The first secret seals, all open. */
  constructor([first, ...others]: readonly [string, ...string[]]) {
    this.keys = [keyOf(first), ...others.map(keyOf)];
  }

  /** Returns null if the packet would be too long. */
  seal(channel: string, epoch: number, text: string): Buffer | null {
    const [key] = this.keys;
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header.writeUInt8(VERSION, 0);
    header.writeUInt8(key.id, 1);
    header.writeUInt32BE(epoch, 2);
    const nonce = this.nonces.next();
    const cipher = createCipheriv(ALGORITHM, key.secret, nonce);
    cipher.setAAD(additional(header, channel));
    const parts = [header, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    const packet = Buffer.concat(parts);
    return packet.length > MAX_PACKET_BYTES ? null : packet;
  }

  /** Reads only the header of a packet before the tag is verified. */
  open(channel: string, packet: Buffer): Opened | SealProblem {
    if (packet.length > MAX_PACKET_BYTES) return 'oversized';
    if (packet.length < OVERHEAD_BYTES) return 'malformed';
    if (packet.readUInt8(0) !== VERSION) return 'other version';
    const candidates = this.keys.filter(({ id }) => id === packet.readUInt8(1));
    if (candidates.length === 0) return 'other key';
    for (const { secret } of candidates) {
      const text = decrypt(secret, channel, packet);
      if (text !== null) return { epoch: packet.readUInt32BE(2), text };
    }
    return 'not authentic';
  }
}

function additional(header: Buffer, channel: string): Buffer {
  return Buffer.concat([header, Buffer.from(channel)]);
}

function decrypt(secret: KeyObject, channel: string, packet: Buffer): string | null {
  const nonce = packet.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(ALGORITHM, secret, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additional(packet.subarray(0, HEADER_BYTES), channel));
  decipher.setAuthTag(packet.subarray(-TAG_BYTES));
  const text = decipher.update(packet.subarray(HEADER_BYTES + NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return null; // the tag does not fit
  }
  return text.toString('utf8');
}
