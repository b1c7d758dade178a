import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Services } from '../context.ts';
import { memo } from '../platform/memo.ts';

// key id (4 bytes), nonce (12), ciphertext, tag (16)
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD_BYTES = KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES;
const ALGORITHM = 'aes-256-gcm';

interface Key {
  readonly id: Buffer;
  readonly key: Buffer;
}

function keyOf(secret: string): Key {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, '', `parley second factor ${purpose}`, bytes));
  return { id: derive('key id', KEY_ID_BYTES), key: derive(ALGORITHM, 32) };
}

/**
 * Encrypts what accounts store (AES-256-GCM), with a key derived from the server's secret: a copy of the database is not enough
 * to make codes. The account is authenticated, too, so a secret is of no use in the row of another account.
 */
export class SecretBox {
  private readonly keys: readonly [Key, ...Key[]];

  /** The first secret seals, all open. */
  constructor([first, ...others]: readonly [string, ...string[]]) {
    this.keys = [keyOf(first), ...others.map(keyOf)];
  }

  /** How everything begins that the present key has sealed. */
  get keyId(): Buffer {
    return this.keys[0].id;
  }

  seal(userId: number, text: string): Buffer {
    const [{ id, key }] = this.keys;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce);
    cipher.setAAD(additional(userId));
    return Buffer.concat([id, nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  /** Returns null if no key of this node opens it. */
  open(userId: number, sealed: Buffer): string | null {
    if (sealed.length < OVERHEAD_BYTES) return null;
    const id = sealed.subarray(0, KEY_ID_BYTES);
    for (const { key } of this.keys.filter((each) => each.id.equals(id))) {
      const text = decrypt(key, userId, sealed.subarray(KEY_ID_BYTES));
      if (text !== null) return text;
    }
    return null;
  }
}

const additional = (userId: number) => Buffer.from(`user ${userId}`);

function decrypt(key: Buffer, userId: number, sealed: Buffer): string | null {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(additional(userId));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return null; // the tag does not fit
  }
  return text.toString('utf8');
}

export const secretBoxOf = memo(
  ({ secrets }: Services) => new SecretBox(secrets as readonly [string, ...string[]]),
);
