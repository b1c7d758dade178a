import { DEVICE_NAME } from '../accounts/devices.ts';
import { Viewer } from '../accounts/schema.ts';
import { signedInSuccess } from '../accounts/sessions.schema.ts';
import { withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { pricedList } from '../graphql/pricing.ts';
import { ServerInfo } from '../graphql/server-info.ts';
import {
  beginPasskeyLogin,
  beginPasskeyRegistration,
  CEREMONY_MINUTES,
  deletePasskey,
  findPasskey,
  finishPasskeyRegistration,
  type LoginOptions,
  loginWithPasskey,
  MAX_PASSKEY_NAME,
  MAX_PASSKEYS,
  type PasskeyRow,
  passkeyDomain,
  passkeysOf,
  type RegistrationOptions,
  renamePasskey,
} from './passkeys.ts';
import { PasskeyAssertionInput, proofIfAnyIn } from './proof.schema.ts';
import { ALGORITHMS } from './webauthn.ts';

// -- reading -----------------------------------------------------------------------------------

const Passkey = builder.objectRef<PasskeyRow>('Passkey').implement({
  description: 'A key in a device or password manager of the viewer, which signs in without a password.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The global id. Opaque.', resolve: ({ id }) => globalId('Passkey', id) }),
    name: t.exposeString('name', {
      description: `What the user calls it, 1 to ${MAX_PASSKEY_NAME} characters.`,
    }),
    isSynced: t.exposeBoolean('isSynced', {
      description: 'Whether its owner can have it on several devices: it was backed up when it was created.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used. Null before the first use.',
    }),
  }),
});

findableNode('Passkey', (ctx, [id]) => findPasskey(ctx, id));

/** Of a viewer when nothing else is known. */
const USUAL_PASSKEYS = 3;

builder.objectField(Viewer, 'passkeys', (t) =>
  t.field({
    type: [Passkey],
    description: `The passkeys of the viewer, the oldest first; at most ${MAX_PASSKEYS}.`,
    extensions: pricedList({ usualSize: USUAL_PASSKEYS, inEvents: false }),
    resolve: ({ userId }, _args, ctx) => passkeysOf(ctx, userId),
  }),
);

builder.objectField(ServerInfo, 'passkeyDomain', (t) =>
  t.string({
    nullable: true,
    description: 'The domain whose pages can use passkeys of this server. Null if the server offers none.',
    resolve: (_info, _args, ctx) => passkeyDomain(ctx),
  }),
);

// -- options of WebAuthn -----------------------------------------------------------------------

const TIMEOUT_MS = CEREMONY_MINUTES * 60_000;
const PUBLIC_KEY = 'public-key';

type Described = { readonly [field: string]: string };

const RelyingParty = builder.objectRef<Described>('PasskeyRelyingParty').implement({
  description: 'PublicKeyCredentialRpEntity of WebAuthn: the server.',
  fields: (t) => ({
    id: t.string({ description: 'The domain.', resolve: ({ id = '' }) => id }),
    name: t.string({ description: 'The name that browsers show.', resolve: ({ name = '' }) => name }),
  }),
});

const UserEntity = builder.objectRef<RegistrationOptions['user']>('PasskeyUser').implement({
  description: 'PublicKeyCredentialUserEntityJSON of WebAuthn: the account.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'The user handle, in base64url.' }),
    name: t.exposeString('name', { description: 'The username.' }),
    displayName: t.exposeString('displayName', { description: 'The display name.' }),
  }),
});

const Parameters = builder.objectRef<{ readonly alg: number }>('PasskeyParameters').implement({
  description: 'PublicKeyCredentialParameters of WebAuthn: a kind of key that the server accepts.',
  fields: (t) => ({
    type: t.string({ description: 'Always `public-key`.', resolve: () => PUBLIC_KEY }),
    alg: t.exposeInt('alg', { description: 'The number of the algorithm in COSE.' }),
  }),
});

const Descriptor = builder.objectRef<RegistrationOptions['excluded'][number]>('PasskeyDescriptor').implement({
  description: 'PublicKeyCredentialDescriptorJSON of WebAuthn: a passkey that the account has already.',
  fields: (t) => ({
    type: t.string({ description: 'Always `public-key`.', resolve: () => PUBLIC_KEY }),
    id: t.string({
      description: 'The id of the credential, in base64url.',
      resolve: ({ credentialId }) => credentialId.toString('base64url'),
    }),
    transports: t.stringList({
      description: 'How browsers reach its authenticator.',
      resolve: ({ transports }) => [...transports],
    }),
  }),
});

const Selection = builder.objectRef<object>('PasskeyAuthenticatorSelection').implement({
  description: 'AuthenticatorSelectionCriteria of WebAuthn.',
  fields: (t) => ({
    residentKey: t.string({
      description: 'Always `required`: the passkey itself knows its account.',
      resolve: () => 'required',
    }),
    requireResidentKey: t.boolean({
      description: 'Always true. The same, for older browsers.',
      resolve: () => true,
    }),
    userVerification: t.string({
      description: 'Always `required`: the authenticator checks a PIN, a finger or a face.',
      resolve: () => 'required',
    }),
  }),
});

const CreationOptions = builder.objectRef<RegistrationOptions>('PasskeyCreationOptions').implement({
  description:
    'PublicKeyCredentialCreationOptionsJSON of WebAuthn, as `PublicKeyCredential.parseCreationOptionsFromJSON` takes it.',
  fields: (t) => ({
    challenge: t.exposeString('challenge', {
      description: 'Random bytes in base64url. They can be used once.',
    }),
    rp: t.field({
      type: RelyingParty,
      description: 'The server.',
      resolve: ({ rpId }) => ({ id: rpId, name: 'Parley' }),
    }),
    user: t.field({ type: UserEntity, description: 'The account.', resolve: ({ user }) => user }),
    pubKeyCredParams: t.field({
      type: [Parameters],
      description: 'The kinds of keys that the server accepts, the preferred one first.',
      extensions: pricedList({ usualSize: ALGORITHMS.length, inEvents: false }),
      resolve: () => ALGORITHMS.map((alg) => ({ alg })),
    }),
    timeout: t.int({
      description: 'How long the user may take, in milliseconds.',
      resolve: () => TIMEOUT_MS,
    }),
    excludeCredentials: t.field({
      type: [Descriptor],
      description: 'Passkeys of the account: their authenticators create no second one.',
      extensions: pricedList({ usualSize: USUAL_PASSKEYS, inEvents: false }),
      resolve: ({ excluded }) => [...excluded],
    }),
    authenticatorSelection: t.field({
      type: Selection,
      description: 'What the authenticator must be able to do.',
      resolve: () => ({}),
    }),
    attestation: t.string({
      description: 'Always `none`: the make of the authenticator does not matter.',
      resolve: () => 'none',
    }),
  }),
});

const RequestOptions = builder.objectRef<LoginOptions>('PasskeyRequestOptions').implement({
  description:
    'PublicKeyCredentialRequestOptionsJSON of WebAuthn, as `PublicKeyCredential.parseRequestOptionsFromJSON` takes it.',
  fields: (t) => ({
    challenge: t.exposeString('challenge', {
      description: 'Random bytes in base64url. They can be used once.',
    }),
    rpId: t.exposeString('rpId', { description: 'The domain of the server.' }),
    timeout: t.int({
      description: 'How long the user may take, in milliseconds.',
      resolve: () => TIMEOUT_MS,
    }),
    userVerification: t.string({
      description: 'Always `required`: the authenticator checks a PIN, a finger or a face.',
      resolve: () => 'required',
    }),
  }),
});

// -- creating ----------------------------------------------------------------------------------

mutation('beginPasskeyRegistration', {
  description: `Asks for what a browser needs to create a passkey, which then has ${CEREMONY_MINUTES} minutes.`,
  input: proofIfAnyIn,
  success: builder.objectRef<RegistrationOptions>('BeginPasskeyRegistrationSuccess').implement({
    description: 'The browser can create a passkey.',
    fields: (t) => ({
      options: t.field({
        type: CreationOptions,
        description: 'The options for `navigator.credentials.create`.',
        resolve: (options) => options,
      }),
    }),
  }),
  refusals: [
    'VALIDATION',
    'INVALID_CREDENTIALS',
    'CONFLICT',
    'PERMISSION_DENIED',
    'RATE_LIMITED',
    'UNAVAILABLE',
  ],
  resolve: (ctx, { proof }) => beginPasskeyRegistration(withAccount(ctx), proof),
});

const NAME = `What the user calls it, 1 to ${MAX_PASSKEY_NAME} characters.`;

const AttestationResponseInput = builder.inputType('PasskeyAttestationResponseInput', {
  description: 'AuthenticatorAttestationResponseJSON of WebAuthn, of which the server reads these members.',
  fields: (t) => ({
    clientDataJSON: t.string({ required: true, description: 'What the browser says, in base64url.' }),
    attestationObject: t.string({
      required: true,
      description: 'What the authenticator says, in base64url.',
    }),
    transports: t.stringList({ description: 'How browsers reach the authenticator.' }),
  }),
});

const AttestationInput = builder.inputType('PasskeyAttestationInput', {
  description: 'RegistrationResponseJSON of WebAuthn, of which the server reads these members.',
  fields: (t) => ({
    id: t.string({ required: true, description: 'The id of the credential, in base64url.' }),
    response: t.field({
      type: AttestationResponseInput,
      required: true,
      description: 'The response of the authenticator.',
    }),
  }),
});

const passkeyField = <Row extends { readonly passkey: PasskeyRow }>(name: string, description: string) =>
  builder.objectRef<Row>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      passkey: t.field({ type: Passkey, description: 'The passkey.', resolve: ({ passkey }) => passkey }),
    }),
  });

mutation('finishPasskeyRegistration', {
  description:
    'Stores the passkey that the browser has created. The challenge is used up, also if the passkey is refused.',
  input: (t) => ({
    response: t.field({
      type: AttestationInput,
      required: true,
      description: 'What `navigator.credentials.create` has answered, as JSON.',
    }),
    name: t.string({ required: true, description: NAME }),
  }),
  success: passkeyField('FinishPasskeyRegistration', 'The passkey signs in from now on.'),
  refusals: [
    'VALIDATION',
    'INVALID_CREDENTIALS',
    'CONFLICT',
    'PERMISSION_DENIED',
    'RATE_LIMITED',
    'UNAVAILABLE',
  ],
  resolve: async (ctx, input) => ({ passkey: await finishPasskeyRegistration(withAccount(ctx), input) }),
});

// -- using -------------------------------------------------------------------------------------

mutation('beginPasskeyLogin', {
  description:
    'Asks for what a browser needs to use a passkey, of whichever account: to sign in, or as a proof. Works without signing in. The ' +
    `user then has ${CEREMONY_MINUTES} minutes.`,
  success: builder.objectRef<LoginOptions>('BeginPasskeyLoginSuccess').implement({
    description: 'The browser can ask for a passkey.',
    fields: (t) => ({
      options: t.field({
        type: RequestOptions,
        description: 'The options for `navigator.credentials.get`, also with conditional mediation.',
        resolve: (options) => options,
      }),
    }),
  }),
  refusals: ['PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx) => beginPasskeyLogin(ctx),
});

mutation('loginWithPasskey', {
  description:
    'Signs in with a passkey and starts a session. It needs no password and no code. Everything that is wrong with a readable response ' +
    'is the same InvalidCredentialsError. The challenge is used up, also if the passkey is refused.',
  input: (t) => ({
    response: t.field({
      type: PasskeyAssertionInput,
      required: true,
      description: 'What `navigator.credentials.get` has answered, as JSON.',
    }),
    deviceName: t.string({ description: DEVICE_NAME }),
  }),
  success: signedInSuccess('LoginWithPasskey', 'The viewer is signed in with a new session.'),
  refusals: ['VALIDATION', 'INVALID_CREDENTIALS', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => loginWithPasskey(ctx, input),
});

// -- changing ----------------------------------------------------------------------------------

const PASSKEY_ID = 'The id of a passkey of the viewer.';

mutation('renamePasskey', {
  description: 'Changes the name of a passkey.',
  input: (t) => ({
    passkeyId: t.id({ required: true, description: PASSKEY_ID }),
    name: t.string({ required: true, description: NAME }),
  }),
  success: passkeyField('RenamePasskey', 'The passkey has the name.'),
  refusals: ['VALIDATION', 'PERMISSION_DENIED', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: async (ctx, input) => ({ passkey: await renamePasskey(withAccount(ctx), input) }),
});

mutation('deletePasskey', {
  description:
    'Deletes a passkey: it does not sign in any more. The last way to sign in stays: ConflictError. Sessions go on.',
  input: (t) => ({ passkeyId: t.id({ required: true, description: PASSKEY_ID }), ...proofIfAnyIn(t) }),
  success: builder.objectRef<{ passkeyId: number; userId: number }>('DeletePasskeySuccess').implement({
    description: 'The passkey is gone.',
    fields: (t) => ({
      passkeyId: t.id({
        description: 'The id of the passkey.',
        resolve: ({ passkeyId }) => globalId('Passkey', passkeyId),
      }),
      viewer: t.field({ type: Viewer, description: 'The viewer.', resolve: (done) => done }),
    }),
  }),
  refusals: [
    'VALIDATION',
    'INVALID_CREDENTIALS',
    'PERMISSION_DENIED',
    'NOT_FOUND',
    'CONFLICT',
    'RATE_LIMITED',
    'UNAVAILABLE',
  ],
  resolve: (ctx, input) => deletePasskey(withAccount(ctx), input),
});
