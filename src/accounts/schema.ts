import { withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, pageArgs } from '../graphql/connection.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { isGuestName } from './credentials.ts';
import { findKnownUser, findUserByGlobalId, findUserByName, loadUser, type UserRow } from './people.ts';
import { findSession, isCurrentSession, listSessions, type SessionRow } from './sessions.ts';
import type { SessionTokens as Tokens } from './tokens.ts';

// -- types -------------------------------------------------------------------------------------

export const User = builder.objectRef<UserRow>('User').implement({
  description:
    'A user. An erased account remains as a user with `isDeleted: true`, so that every message has an author.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The global id. Opaque.', resolve: (user) => globalId('User', user.id) }),
    username: t.exposeString('username', {
      description:
        'The unique name, 3 to 50 characters. Upper and lower case are the same. A deleted account has `~deleted-` and a number; a guest ' +
        'who did not come back keeps the name.',
    }),
    displayName: t.exposeString('displayName', {
      description: 'The name that others see, 1 to 100 characters.',
    }),
    isGuest: t.boolean({
      description: 'Whether the user is a guest: without an account, and in one room only.',
      resolve: ({ username }) => isGuestName(username),
    }),
    isDeleted: t.boolean({
      description:
        'Whether the account was deleted, by its user or an administrator, or because a guest did not come back.',
      resolve: (user) => user.deletedAt !== null,
    }),
  }),
});

const Session = builder.prismaObject('Session', {
  description:
    'A signed-in device. A session ends when it is revoked, or when it was not refreshed for a long time.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      description: 'The global id. Opaque.',
      resolve: (session) => globalId('Session', session.id),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the session started.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When the session was last refreshed or, before the first refresh, started.',
    }),
    deviceName: t.exposeString('deviceName', {
      nullable: true,
      description:
        'What the user called the device when the session started, at most 100 characters. Null without a name.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description:
        'The header User-Agent with which the session started, cut after 200 characters. Null without one. The client chose it.',
    }),
    isCurrent: t.boolean({
      description: 'Whether it is the session of this request, or the session that this mutation created.',
      resolve: (session, _args, ctx) => isCurrentSession(ctx, Number(session.id)),
    }),
  }),
});

const { ConnectionType: ViewerSessionsConnection } = connectionType<SessionRow>(
  'ViewerSessions',
  Session,
  "the viewer's sessions",
);

/** The user of the request, or the user who has just signed in. Concepts to the right add the viewer's own data. */
export const Viewer = builder.objectRef<{ readonly userId: number }>('Viewer').implement({
  description: 'The signed-in user, with the data that only this user may see.',
  fields: (t) => ({
    user: t.field({
      type: User,
      description: 'The viewer as others see them.',
      resolve: ({ userId }, _args, ctx) => loadUser(ctx, userId),
    }),
    sessions: t.field({
      type: ViewerSessionsConnection,
      description: 'The active sessions of the viewer, newest first. Default page: 20.',
      extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
      args: pageArgs(),
      resolve: ({ userId }, args, ctx) => withRefusals(ctx, () => listSessions(ctx, userId, args)),
    }),
  }),
});

export const SessionTokens = builder.objectRef<Tokens>('SessionTokens').implement({
  description: 'The tokens of a session.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', {
      description: 'Send it as `Authorization: Bearer <token>`, or in the `connectionParams` of a WebSocket.',
    }),
    accessTokenExpiresAt: t.expose('accessTokenExpiresAt', {
      type: 'DateTime',
      description: 'When the access token expires. Refresh it before.',
    }),
    refreshToken: t.exposeString('refreshToken', {
      description: 'Used once, in refreshSession. Keep it secret. Using an old one again ends the session.',
    }),
  }),
});

// -- reading -----------------------------------------------------------------------------------

findableNode('User', (ctx, [id]) => findKnownUser(ctx, id));
findableNode('Session', (ctx, [id]) => findSession(ctx, id));

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    nullable: true,
    description: 'The signed-in user. Null for an anonymous request.',
    resolve: (_root, _args, { viewer }) => viewer,
  }),
  user: t.withAuth({ signedIn: true }).field({
    type: User,
    nullable: true,
    description: 'The user with this id. Null if there is none. Guests find only members of their room.',
    args: { id: t.arg.id({ required: true, description: 'The id of a User.' }) },
    resolve: (_root, { id }, ctx) => withRefusals(ctx, () => findUserByGlobalId(ctx, id)),
  }),
  userByName: t.withAuth({ signedIn: true }).field({
    type: User,
    nullable: true,
    description:
      'The user with this username, in upper or lower case. Null if there is none. Not for guests.',
    args: { username: t.arg.string({ required: true, description: 'The whole username.' }) },
    resolve: (_root, { username }, ctx) =>
      withRefusals(ctx, async () => findUserByName(withAccount(ctx), username)),
  }),
}));
