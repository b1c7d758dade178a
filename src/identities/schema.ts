import { DEVICE_NAME } from '../accounts/devices.ts';
import { SessionTokens, Viewer } from '../accounts/schema.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { type IdentityRow, identitiesOf, issuerOf } from './identities.ts';
import { MAX_TOKEN } from './issued-tokens.ts';
import { type IdentitySignIn, loginWithToken, MAX_IDENTITIES } from './sign-in.ts';

// -- reading -----------------------------------------------------------------------------------

const Identity = builder.objectRef<IdentityRow>('Identity').implement({
  description:
    "A user of another system, such as the team's own backend or an OpenID provider, with whom the viewer can sign in.",
  fields: (t) => ({
    issuer: t.string({
      description:
        'The name of the issuer in the settings of the server; its `iss` if it is no longer there.',
      resolve: (identity, _args, { node }) => issuerOf(node, identity)?.name ?? identity.issuer,
    }),
    displayName: t.string({
      description: 'The name of the issuer, for people.',
      resolve: (identity, _args, { node }) => {
        const issuer = issuerOf(node, identity);
        return issuer?.displayName ?? issuer?.name ?? identity.issuer;
      },
    }),
    subject: t.exposeString('subject', {
      description: 'The id of the user there: `sub` of the tokens of the issuer.',
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The address that the issuer has verified. Null if it named none.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The first sign-in with it.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The last sign-in with it. Null if there was none.',
    }),
  }),
});

builder.objectField(Viewer, 'identities', (t) =>
  t.field({
    type: [Identity],
    description: `The users of other systems with whom the viewer can sign in, the oldest first; at most ${MAX_IDENTITIES}.`,
    extensions: pricedList({ usualSize: 2, inEvents: false }),
    resolve: ({ userId }, _args, ctx) => withRefusals(ctx, () => identitiesOf(ctx, userId)),
  }),
);

// -- signing in --------------------------------------------------------------------------------

/** The success of a sign-in with an identity. */
export const signedInSuccess = (name: string) =>
  builder.objectRef<IdentitySignIn>(`${name}Success`).implement({
    description: 'The viewer is signed in with a new session.',
    fields: (t) => ({
      tokens: t.field({
        type: SessionTokens,
        description: 'The tokens of the new session.',
        resolve: ({ tokens }) => tokens,
      }),
      viewer: t.field({ type: Viewer, description: 'The signed-in user.', resolve: ({ viewer }) => viewer }),
      isNew: t.exposeBoolean('isNew', { description: 'Whether this sign-in has created the user.' }),
    }),
  });

mutation('loginWithToken', {
  description:
    'Signs in with a token (JWT) of an issuer that the operator has configured, such as the backend of the application. ' +
    'The first token of a subject creates its user. Later, a display name that the issuer has changed is taken over.',
  input: (t) => ({
    token: t.string({
      required: true,
      description: `A JSON Web Token, at most ${MAX_TOKEN} characters. It must be signed by the issuer for this server, and not have expired.`,
    }),
    deviceName: t.string({ description: DEVICE_NAME }),
  }),
  success: signedInSuccess('LoginWithToken'),
  refusals: [
    'VALIDATION',
    'INVALID_CREDENTIALS',
    'PERMISSION_DENIED',
    'CONFLICT',
    'RATE_LIMITED',
    'UNAVAILABLE',
  ],
  forGuests: true,
  resolve: (ctx, input) => loginWithToken(ctx, input),
});
