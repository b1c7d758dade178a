import { z } from 'zod';
import type { Services } from '../context.ts';
import { encodeId } from '../graphql/ids.ts';
import { invalid } from '../platform/errors.ts';
import type { RelyingParty } from './relying-party.ts';

/** Lengths of what browsers send, in characters of base64url. */
export const MAX_CREDENTIAL_ID = 1_366;
const MAX_CLIENT_DATA = 4_096;
const MAX_AUTHENTICATOR_DATA = 4_096;
const MAX_ATTESTATION = 16_384;
const MAX_SIGNATURE = 1_024;
const MAX_USER_HANDLE = 128;
/** In bytes. An RSA key of 4,096 bits has 530. */
const MAX_PUBLIC_KEY_BYTES = 1_024;

/** Of COSE: Ed25519, ECDSA with P-256, RSA. Every authenticator has one of them. */
export const ALGORITHMS = [-8, -7, -257] as const;

export const TRANSPORTS = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;

/** What a browser answers when it has created a passkey. */
export interface Attestation {
  readonly id: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly attestationObject: string;
    readonly transports?: readonly string[] | null | undefined;
  };
}

/** What a browser answers when a passkey was used. */
export interface Assertion {
  readonly id: string;
  readonly response: {
    readonly clientDataJSON: string;
    readonly authenticatorData: string;
    readonly signature: string;
    readonly userHandle?: string | null | undefined;
  };
}

/** @throws ValidationError naming the field that is too long or no base64url */
export function checkAttestation({ id, response }: Attestation, path: string): void {
  checkBase64(id, MAX_CREDENTIAL_ID, `${path}.id`);
  checkBase64(response.clientDataJSON, MAX_CLIENT_DATA, `${path}.response.clientDataJSON`);
  checkBase64(response.attestationObject, MAX_ATTESTATION, `${path}.response.attestationObject`);
}

/** @throws ValidationError naming the field that is too long or no base64url */
export function checkAssertion({ id, response }: Assertion, path: string): void {
  checkBase64(id, MAX_CREDENTIAL_ID, `${path}.id`);
  checkBase64(response.clientDataJSON, MAX_CLIENT_DATA, `${path}.response.clientDataJSON`);
  checkBase64(response.authenticatorData, MAX_AUTHENTICATOR_DATA, `${path}.response.authenticatorData`);
  checkBase64(response.signature, MAX_SIGNATURE, `${path}.response.signature`);
  if (response.userHandle) checkBase64(response.userHandle, MAX_USER_HANDLE, `${path}.response.userHandle`);
}

function checkBase64(text: string, most: number, path: string): void {
  if (text === '' || text.length > most || !/^[\w-]+$/.test(text))
    throw invalid(
      path,
      `This must be base64url without padding, at most ${most.toLocaleString('en')} characters.`,
    );
}

/** Transports that browsers know; others are left out, as WebAuthn asks for. */
export const knownTransports = (given: readonly string[] | null | undefined): string[] =>
  TRANSPORTS.filter((transport) => given?.includes(transport));

/** The handle of an account in its passkeys: the bytes of the global id, in base64url. */
export const userHandle = (userId: number): string =>
  Buffer.from(encodeId('User', userId)).toString('base64url');

const clientData = z.object({
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
});

/** What the browser says of the page and of the challenge. */
export type ClientData = z.output<typeof clientData>;

/** Returns null if it is not of a page of the party, or not readable. A page in a frame of another site is none of its pages. */
export function clientDataOf(party: RelyingParty, encoded: string): ClientData | null {
  const { data } = clientData.safeParse(parsedJson(Buffer.from(encoded, 'base64url').toString('utf8')));
  return data && !data.crossOrigin && party.isOrigin(data.origin) ? data : null;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Expected {
  readonly party: RelyingParty;
  readonly clientData: ClientData;
}

export interface NewCredential {
  readonly id: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
  readonly isSynced: boolean;
}

/**
 * Verifies a new passkey. Returns null if anything is wrong. Statements about the make of the authenticator are removed before: the
 * server asks for none, and the library would follow addresses in their certificates.
 */
export async function verifyAttestation(
  node: Services,
  { id, response }: Attestation,
  { party, clientData }: Expected,
): Promise<NewCredential | null> {
  const { verifyRegistrationResponse } = await library();
  return orNull(node, async () => {
    const attestationObject = await withoutStatement(response.attestationObject);
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON: response.clientDataJSON, attestationObject },
      },
      expectedChallenge: clientData.challenge,
      expectedOrigin: clientData.origin,
      expectedRPID: party.id,
      supportedAlgorithmIDs: [...ALGORITHMS],
    });
    if (!verified || registrationInfo.credential.id !== id) return null;
    const { credential, credentialBackedUp: isSynced } = registrationInfo;
    const publicKey = Buffer.from(credential.publicKey);
    if (publicKey.length > MAX_PUBLIC_KEY_BYTES) return null;
    return { id: Buffer.from(id, 'base64url'), publicKey, counter: credential.counter, isSynced };
  });
}

async function withoutStatement(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = await import('@simplewebauthn/server/helpers');
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get('authData');
  const bare = new Map<string, unknown>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ]);
  return isoBase64URL.fromBuffer(isoCBOR.encode(bare as never));
}

export interface StoredCredential {
  readonly credentialId: Buffer;
  readonly publicKey: Buffer;
  readonly counter: number;
}

/** Verifies the signature of a stored passkey. Returns its new counter; null if anything is wrong. */
export async function verifyAssertion(
  node: Services,
  { response }: Assertion,
  { credentialId, publicKey, counter }: StoredCredential,
  { party, clientData }: Expected,
): Promise<number | null> {
  const { verifyAuthenticationResponse } = await library();
  const id = credentialId.toString('base64url');
  const { clientDataJSON, authenticatorData, signature } = response;
  return orNull(node, async () => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id,
        rawId: id,
        type: 'public-key',
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: clientData.challenge,
      expectedOrigin: clientData.origin,
      expectedRPID: party.id,
      credential: { id, publicKey: new Uint8Array(publicKey), counter },
    });
    return verified ? authenticationInfo.newCounter : null;
  });
}

/** The library throws for everything that a client may have sent wrong. */
async function orNull<Result>(node: Services, verify: () => Promise<Result | null>): Promise<Result | null> {
  try {
    return await verify();
  } catch (error) {
    node.log.debug({ err: (error as Error).message }, 'a passkey was refused');
    return null;
  }
}

// Loaded when it is first needed, because it brings many modules that a node without passkeys does not use.
const library = () => import('@simplewebauthn/server');
