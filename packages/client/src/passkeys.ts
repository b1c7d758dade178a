import type { Client } from './client.ts';
import { ParleyError } from './errors.ts';
import type { Proof } from './factors.ts';
import {
  AskForPasskeyDocument,
  DropPasskeyDocument,
  MakePasskeyDocument,
  NamePasskeyDocument,
  type PasskeyAssertionInput,
  type PasskeyAttestationInput,
  PasskeyDomainDocument,
  type PasskeyFieldsFragment,
  PasskeysDocument,
  SignInByPasskeyDocument,
  StorePasskeyDocument,
} from './generated/documents.ts';
import { post, successOf } from './http.ts';

// An entry of its own: an application without passkeys does not load it. The functions that create or use passkeys work in browsers
// only, because the others have none.

/** A passkey of the viewer. */
export type PasskeyInfo = PasskeyFieldsFragment;

interface Asking {
  /** Ends the request to the user, for example when another one begins. */
  readonly signal?: AbortSignal;
}

// -- whether there are any ---------------------------------------------------------------------

/**
 * Whether this page can use passkeys of the server. Works without signing in.
 * @throws ParleyError `NETWORK`
 */
export async function offersPasskeys(client: Client): Promise<boolean> {
  if (!('PublicKeyCredential' in globalThis)) return false;
  const { passkeyDomain } = (await post(client.options.endpoint, PasskeyDomainDocument, {})).serverInfo;
  const { hostname } = location;
  return passkeyDomain !== null && (hostname === passkeyDomain || hostname.endsWith(`.${passkeyDomain}`));
}

/** Whether the browser offers passkeys in the list below a field with `autocomplete="username webauthn"`. */
export async function offersAutofill(): Promise<boolean> {
  const { PublicKeyCredential: type } = globalThis as { PublicKeyCredential?: typeof PublicKeyCredential };
  return (await type?.isConditionalMediationAvailable?.()) ?? false;
}

/**
 * The passkeys of the viewer, the oldest first.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function passkeysOf(client: Client): Promise<readonly PasskeyInfo[]> {
  return (await client.request(PasskeysDocument, {})).viewer?.passkeys ?? [];
}

// -- creating ----------------------------------------------------------------------------------

/**
 * Creates a passkey for the viewer. The browser asks the user for it. An account that has a password or a passkey needs a proof.
 * @throws ParleyError `PASSKEY` if there is none in the end, `INVALID_CREDENTIALS` for a wrong proof, another refusal, or `NETWORK`
 */
export async function createPasskey(
  client: Client,
  { proof, name, signal }: { readonly proof?: Proof; readonly name: string } & Asking,
): Promise<PasskeyInfo> {
  const { beginPasskeyRegistration } = await client.request(MakePasskeyDocument, {
    input: proof ? { proof } : {},
  });
  const { options } = successOf(beginPasskeyRegistration);
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: options.excludeCredentials.map(({ id, ...more }) => ({ ...more, id: bytesOf(id) })),
  } as PublicKeyCredentialCreationOptions;
  const made = await asked(() => navigator.credentials.create({ publicKey, ...(signal && { signal }) }));
  const input = { name, response: attestationOf(made) };
  const { finishPasskeyRegistration } = await client.request(StorePasskeyDocument, { input });
  return successOf(finishPasskeyRegistration).passkey;
}

function attestationOf({ id, response }: PublicKeyCredential): PasskeyAttestationInput {
  const attestation = response as AuthenticatorAttestationResponse;
  const { clientDataJSON, attestationObject } = attestation;
  // Missing in older browsers.
  const transports = (attestation as Partial<AuthenticatorAttestationResponse>).getTransports?.() ?? [];
  return {
    id,
    response: {
      clientDataJSON: textOf(clientDataJSON),
      attestationObject: textOf(attestationObject),
      transports,
    },
  };
}

// -- using -------------------------------------------------------------------------------------

interface SigningIn extends Asking {
  /** Offers the passkeys below a field with `autocomplete="username webauthn"`, and waits until the user chooses one. */
  readonly isAutofill?: boolean;
  readonly deviceName?: string;
}

/**
 * Signs in with a passkey. The browser asks the user for it.
 * @throws ParleyError `PASSKEY` if the user chooses none, `INVALID_CREDENTIALS` if the server does not accept it, another refusal, or
 * `NETWORK`
 */
export async function signInWithPasskey(client: Client, options: SigningIn = {}): Promise<void> {
  const { deviceName, ...asking } = options;
  const input = { response: await askForPasskey(client, asking), ...(deviceName && { deviceName }) };
  const { loginWithPasskey } = await post(client.options.endpoint, SignInByPasskeyDocument, { input });
  const { tokens, viewer } = successOf(loginWithPasskey);
  await (await client.commands()).begin(viewer.user.id, tokens);
}

/**
 * Asks for a passkey as a proof, in place of the password: `{ passkey: await askForPasskey(client) }`.
 * @throws ParleyError `PASSKEY` if the user chooses none, the refusal, or `NETWORK`
 */
export async function askForPasskey(
  client: Client,
  { isAutofill = false, signal }: Pick<SigningIn, 'isAutofill' | 'signal'> = {},
): Promise<PasskeyAssertionInput> {
  const { beginPasskeyLogin } = await post(client.options.endpoint, AskForPasskeyDocument, {});
  const { options } = successOf(beginPasskeyLogin);
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
  } as PublicKeyCredentialRequestOptions;
  const request = {
    publicKey,
    ...(signal && { signal }),
    ...(isAutofill && { mediation: 'conditional' as const }),
  };
  return assertionOf(await asked(() => navigator.credentials.get(request)));
}

function assertionOf({ id, response }: PublicKeyCredential): PasskeyAssertionInput {
  const { clientDataJSON, authenticatorData, signature, userHandle } =
    response as AuthenticatorAssertionResponse;
  return {
    id,
    response: {
      clientDataJSON: textOf(clientDataJSON),
      authenticatorData: textOf(authenticatorData),
      signature: textOf(signature),
      ...(userHandle && { userHandle: textOf(userHandle) }),
    },
  };
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await ask();
    if (credential) return credential as PublicKeyCredential;
  } catch (error) {
    throw new ParleyError('PASSKEY', (error as Error).message, { cause: error });
  }
  throw new ParleyError('PASSKEY', 'No passkey was chosen.');
}

// -- changing ----------------------------------------------------------------------------------

/**
 * Changes the name of a passkey.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function renamePasskey(client: Client, passkeyId: string, name: string): Promise<void> {
  successOf((await client.request(NamePasskeyDocument, { input: { passkeyId, name } })).renamePasskey);
}

/**
 * Deletes a passkey: it does not sign in any more. An account that has a password or a passkey needs a proof.
 * @throws ParleyError `CONFLICT` if it is the last way to sign in, `INVALID_CREDENTIALS` for a wrong proof, another refusal, or
 * `NETWORK`
 */
export async function deletePasskey(client: Client, passkeyId: string, proof?: Proof): Promise<void> {
  const input = { passkeyId, ...(proof && { proof }) };
  successOf((await client.request(DropPasskeyDocument, { input })).deletePasskey);
}

// -- base64url ---------------------------------------------------------------------------------

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function textOf(bytes: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
