import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** An authenticator in software, with one passkey, and the browser in front of it. */
export class Authenticator {
  readonly id = randomBytes(32);
  /** Of the page that asks. */
  origin: string;
  /** Of the next response. */
  counter = 0;
  isUserVerified = true;
  /** Of a page in a frame of another site. */
  crossOrigin = false;
  private readonly key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  private userHandle = '';

  constructor(origin: string) {
    this.origin = origin;
    this.key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  }

  /** What the browser answers to options of a registration. */
  create(options: any, changed: { rpId?: string; type?: string; fmt?: string } = {}) {
    this.userHandle = options.user.id;
    const { rpId = options.rp.id, type = 'webauthn.create', fmt = 'none' } = changed;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const authData = Buffer.concat([
      this.authenticatorData(rpId, 0x40),
      Buffer.alloc(16),
      length,
      this.id,
      this.publicKey(),
    ]);
    const attestation = new Map<string, unknown>([
      ['fmt', fmt],
      ['attStmt', fmt === 'none' ? new Map() : new Map([['x5c', [randomBytes(100)]]])],
      ['authData', new Uint8Array(authData)],
    ]);
    return {
      id: this.id.toString('base64url'),
      response: {
        clientDataJSON: this.clientData(type, options.challenge).toString('base64url'),
        attestationObject: Buffer.from(isoCBOR.encode(attestation as never)).toString('base64url'),
        transports: ['internal', 'hybrid'],
      },
    };
  }

  /** What the browser answers to options of a sign-in. */
  get(options: any, changed: { rpId?: string; type?: string; userHandle?: string } = {}) {
    const { rpId = options.rpId, type = 'webauthn.get', userHandle = this.userHandle } = changed;
    const authenticatorData = this.authenticatorData(rpId, 0);
    const clientDataJSON = this.clientData(type, options.challenge);
    const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientDataJSON).digest()]);
    const signature = createSign('sha256').update(signed).sign(this.key.privateKey);
    return {
      id: this.id.toString('base64url'),
      response: {
        clientDataJSON: clientDataJSON.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: signature.toString('base64url'),
        userHandle,
      },
    };
  }

  private clientData(type: string, challenge: string): Buffer {
    const { origin, crossOrigin } = this;
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }));
  }

  private authenticatorData(rpId: string, flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    const present = 0x01 | (this.isUserVerified ? 0x04 : 0);
    return Buffer.concat([
      createHash('sha256').update(rpId).digest(),
      Buffer.from([present | flags]),
      counter,
    ]);
  }

  /** In the form of COSE. */
  private publicKey(): Buffer {
    const { x = '', y = '' } = this.key.publicKey.export({ format: 'jwk' });
    const cose = new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
      [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
    ]);
    return Buffer.from(isoCBOR.encode(cose as never));
  }
}
