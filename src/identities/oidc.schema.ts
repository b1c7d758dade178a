import { DEVICE_NAME } from '../accounts/devices.ts';
import { Viewer } from '../accounts/schema.ts';
import { withAccount } from '../context.ts';
import { proofIfAnyIn } from '../factors/proof.schema.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { pricedList } from '../graphql/pricing.ts';
import { ServerInfo } from '../graphql/server-info.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { canUsePassword } from './identities.ts';
import { beginIdentityLink, linkIdentity, unlinkIdentity } from './linking.ts';
import { beginOidc, completeOidcLogin, MAX_ANSWER, REQUEST_MINUTES, type StartedOidc } from './oidc.ts';
import { providersOf } from './providers.ts';
import { signedInSuccess } from './schema.ts';

// -- reading -----------------------------------------------------------------------------------

const SignInProvider = builder
  .objectRef<{ readonly name: string; readonly displayName?: string | undefined }>('SignInProvider')
  .implement({
    description: 'An OpenID provider with which users can sign in.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Its name, for `beginOidcLogin`.' }),
      displayName: t.string({
        description: 'Its name for people, for a button.',
        resolve: ({ name, displayName }) => displayName ?? name,
      }),
    }),
  });

builder.objectField(ServerInfo, 'signInProviders', (t) =>
  t.field({
    type: [SignInProvider],
    description:
      'The OpenID providers with which users can sign in, in the order of the settings; at most 20.',
    extensions: pricedList({ usualSize: 3, inEvents: false }),
    resolve: (_info, _args, { node }) => [...providersOf(node).values()].map(({ settings }) => settings),
  }),
);

builder.objectField(Viewer, 'hasPassword', (t) =>
  t.boolean({
    description: 'Whether the viewer can sign in with a password.',
    resolve: ({ userId }, _args, ctx) => withRefusals(ctx, () => canUsePassword(ctx, userId)),
  }),
);

// -- signing in --------------------------------------------------------------------------------

const PROVIDER = 'The name of a provider in `ServerInfo.signInProviders`.';
const REDIRECT_URI =
  'The page of the client to which the provider sends the user back, without `?` and `#`. The settings of the server must allow it, ' +
  'and so must the provider.';

const startedSuccess = (name: string) =>
  builder.objectRef<StartedOidc>(`${name}Success`).implement({
    description: `Open \`url\` in the browser of the user, who has ${REQUEST_MINUTES} minutes.`,
    fields: (t) => ({
      url: t.exposeString('url', { description: 'The address of the provider at which the user signs in.' }),
      secret: t.exposeString('secret', {
        description:
          'Keep it in this browser only, such as in `sessionStorage`, and never put it into an address: it shows that the answer of the ' +
          'provider belongs to this browser.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'Until when the sign-in can be completed.',
      }),
    }),
  });

mutation('beginOidcLogin', {
  description:
    'Begins a sign-in with an OpenID provider. The client opens the returned address; the provider sends the user back to `redirectUri` with ' +
    '`code` and `state`, which `completeOidcLogin` takes.',
  input: (t) => ({
    provider: t.string({ required: true, description: PROVIDER }),
    redirectUri: t.string({ required: true, description: REDIRECT_URI }),
  }),
  success: startedSuccess('BeginOidcLogin'),
  refusals: ['VALIDATION', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => beginOidc(ctx, input, null),
});

const SECRET = 'The secret of the mutation that has begun this.';
const CODE = `\`code\` in the address of the page, at most ${MAX_ANSWER} characters.`;
const STATE = '`state` in the address of the page.';
const ISS = '`iss` in the address of the page, if it is there: it shows which provider has answered.';

mutation('completeOidcLogin', {
  description:
    'Completes a sign-in with an OpenID provider. The first sign-in of a user of the provider creates the user here. Each sign-in is completed ' +
    'once; one that failed must begin again.',
  input: (t) => ({
    secret: t.string({ required: true, description: SECRET }),
    code: t.string({ required: true, description: CODE }),
    state: t.string({ required: true, description: STATE }),
    iss: t.string({ description: ISS }),
    deviceName: t.string({ description: DEVICE_NAME }),
  }),
  success: signedInSuccess('CompleteOidcLogin'),
  refusals: [
    'VALIDATION',
    'INVALID_CREDENTIALS',
    'PERMISSION_DENIED',
    'CONFLICT',
    'RATE_LIMITED',
    'UNAVAILABLE',
  ],
  forGuests: true,
  resolve: (ctx, input) => completeOidcLogin(ctx, input),
});

// -- linking -----------------------------------------------------------------------------------

mutation('beginIdentityLink', {
  description:
    'Begins to link a user of an OpenID provider to the viewer, who can then sign in with it. Continue as after `beginOidcLogin`, with ' +
    '`linkIdentity`.',
  input: (t) => ({
    provider: t.string({ required: true, description: PROVIDER }),
    redirectUri: t.string({ required: true, description: REDIRECT_URI }),
    ...proofIfAnyIn(t),
  }),
  success: startedSuccess('BeginIdentityLink'),
  refusals: ['VALIDATION', 'INVALID_CREDENTIALS', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => beginIdentityLink(withAccount(ctx), input),
});

const viewerSuccess = (name: string, description: string) =>
  builder.objectRef<{ userId: number }>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      viewer: t.field({
        type: Viewer,
        description: 'The viewer, with `identities`.',
        resolve: (done) => done,
      }),
    }),
  });

mutation('linkIdentity', {
  description:
    'Links the user whom the provider has confirmed to the viewer. If the viewer has it already, nothing changes. If it belongs to another ' +
    'user, the answer is a ConflictError.',
  input: (t) => ({
    secret: t.string({ required: true, description: SECRET }),
    code: t.string({ required: true, description: CODE }),
    state: t.string({ required: true, description: STATE }),
    iss: t.string({ description: ISS }),
  }),
  success: viewerSuccess('LinkIdentity', 'The viewer can sign in with the identity.'),
  refusals: ['INVALID_CREDENTIALS', 'PERMISSION_DENIED', 'CONFLICT', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => linkIdentity(withAccount(ctx), input),
});

mutation('unlinkIdentity', {
  description:
    'Removes an identity of the viewer. The last way to sign in stays: ConflictError. Sessions go on.',
  input: (t) => ({
    issuer: t.string({ required: true, description: '`issuer` of the Identity.' }),
    subject: t.string({ required: true, description: '`subject` of the Identity.' }),
  }),
  success: viewerSuccess('UnlinkIdentity', 'The viewer cannot sign in with the identity any more.'),
  refusals: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => unlinkIdentity(withAccount(ctx), input),
});
