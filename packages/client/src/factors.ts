import type { Client } from './client.ts';
import {
  CompleteSignInDocument,
  ConfirmAppDocument,
  type FactorFieldsFragment,
  FactorsDocument,
  type LoginInput,
  NewRecoveryCodesDocument,
  type ProofInput,
  RemoveAppDocument,
  SetUpAppDocument,
  SignInOrStepDocument,
  type SignInOrStepMutation,
} from './generated/documents.ts';
import { post, successOf } from './http.ts';

// An entry of its own: an application without second factors does not load it.

/** The password and, if the account has an app, a code; or a passkey: what shows that the user is there. */
export type Proof = ProofInput;

type SignInResult = NonNullable<SignInOrStepMutation['login']>;

/** A sign-in that needs a code: its challenge, until when it works, and what kinds of codes the account has. */
export type SecondStep = Pick<
  Extract<SignInResult, { __typename: 'SecondFactorRequiredError' }>,
  'challenge' | 'expiresAt' | 'methods'
>;

/**
 * Signs in, as `client.login` does. Resolves with the second step if the account needs one, and with null if the user is signed in.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function signIn(client: Client, input: LoginInput): Promise<SecondStep | null> {
  const { login } = await post(client.options.endpoint, SignInOrStepDocument, { input });
  if (login?.__typename === 'SecondFactorRequiredError') {
    const { challenge, expiresAt, methods } = login;
    return { challenge, expiresAt, methods };
  }
  const { tokens, viewer } = successOf(login);
  await (await client.commands()).begin(viewer.user.id, tokens);
  return null;
}

/**
 * Completes a sign-in with a code of the app, or a recovery code.
 * @throws ParleyError `INVALID_CREDENTIALS` with the path of `code` for a wrong code, and of `challenge` if the user has to sign in
 * again; another refusal, or `NETWORK`
 */
export async function completeSignIn(
  client: Client,
  { challenge }: Pick<SecondStep, 'challenge'>,
  code: string,
  deviceName?: string,
): Promise<void> {
  const input = { challenge, code, ...(deviceName && { deviceName }) };
  const { completeLogin } = await post(client.options.endpoint, CompleteSignInDocument, { input });
  const { tokens, viewer } = successOf(completeLogin);
  await (await client.commands()).begin(viewer.user.id, tokens);
}

/** Whether the account has an app with codes, and how many recovery codes are left. */
export type FactorsInfo = FactorFieldsFragment;

/**
 * The second factors of the viewer; null if nobody is signed in.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function factorsOf(client: Client): Promise<FactorsInfo | null> {
  return (await client.request(FactorsDocument, {})).viewer;
}

/** A new secret for an app. */
export interface TotpSetup {
  readonly secret: string;
  /** What the QR code contains. */
  readonly uri: string;
  readonly expiresAt: string;
}

/**
 * Creates a secret for an app. It has no effect until `confirmTotp`.
 * @throws ParleyError `INVALID_CREDENTIALS` for a wrong password, another refusal, or `NETWORK`
 */
export async function beginTotp(client: Client, proof: Proof): Promise<TotpSetup> {
  const { secret, uri, expiresAt } = successOf(
    (await client.request(SetUpAppDocument, { input: { proof } })).beginTotp,
  );
  return { secret, uri, expiresAt };
}

/**
 * Makes the app a second factor with the first code that it shows. Resolves with the recovery codes, which the server shows only now.
 * @throws ParleyError `INVALID_CREDENTIALS` for a wrong code, another refusal, or `NETWORK`
 */
export async function confirmTotp(client: Client, code: string): Promise<readonly string[]> {
  return successOf((await client.request(ConfirmAppDocument, { input: { code } })).confirmTotp).recoveryCodes;
}

/**
 * Removes the app and the recovery codes.
 * @throws ParleyError `INVALID_CREDENTIALS` for a wrong password or code, another refusal, or `NETWORK`
 */
export async function disableTotp(client: Client, proof: Proof): Promise<void> {
  successOf((await client.request(RemoveAppDocument, { input: { proof } })).disableTotp);
}

/**
 * Replaces all recovery codes. Resolves with the new ones, which the server shows only now.
 * @throws ParleyError `INVALID_CREDENTIALS` for a wrong password or code, another refusal, or `NETWORK`
 */
export async function regenerateRecoveryCodes(client: Client, proof: Proof): Promise<readonly string[]> {
  return successOf(
    (await client.request(NewRecoveryCodesDocument, { input: { proof } })).regenerateRecoveryCodes,
  ).recoveryCodes;
}
