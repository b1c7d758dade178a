import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { pricedList } from '../graphql/pricing.ts';
import { type EntryRefusal, entryRefusals, MAX_UPSERTS, type UpsertedUser, upsertUsers } from './upsert.ts';

const UpsertOutcome = builder.enumType('UpsertOutcome', {
  description: 'What `upsertUsers` did with an entry.',
  values: {
    CREATED: { value: 'CREATED', description: 'The user is new.' },
    UPDATED: { value: 'UPDATED', description: 'The user was there, and has changed.' },
    UNCHANGED: { value: 'UNCHANGED', description: 'The user had all values already.' },
    REFUSED: { value: 'REFUSED', description: 'Nothing was changed: `refusal` says why.' },
  } satisfies Record<UpsertedUser['outcome'], { value: UpsertedUser['outcome']; description: string }>,
});

const UpsertRefusal = builder.enumType('UpsertRefusal', {
  description: 'Why `upsertUsers` refused an entry.',
  values: Object.fromEntries(
    Object.entries(entryRefusals).map(([value, description]) => [value, { value, description }]),
  ) as Record<EntryRefusal, { value: EntryRefusal; description: string }>,
});

const Upserted = builder.objectRef<UpsertedUser>('UpsertedUser').implement({
  description: 'What `upsertUsers` did with one entry.',
  fields: (t) => ({
    externalId: t.exposeString('externalId', { description: 'The id of the entry.' }),
    outcome: t.field({
      type: UpsertOutcome,
      description: 'What happened.',
      resolve: ({ outcome }) => outcome,
    }),
    user: t.field({
      type: User,
      nullable: true,
      description: 'The user. Null if the entry was refused.',
      resolve: ({ userId }, _args, ctx) => (userId === null ? null : loadUser(ctx, userId)),
    }),
    refusal: t.field({
      type: UpsertRefusal,
      nullable: true,
      description: 'Why the entry was refused. Null if it was not.',
      resolve: ({ refusal }) => refusal,
    }),
    detail: t.exposeString('detail', {
      nullable: true,
      description: 'The same in English, for people.',
    }),
  }),
});

const UserToUpsert = builder.inputType('UserToUpsert', {
  description: 'A user as another system describes it. A value that is left out stays as it is.',
  fields: (t) => ({
    externalId: t.string({
      required: true,
      description:
        'The id of the user in that system, which never changes: 1 to 255 printable ASCII characters.',
    }),
    username: t.string({
      required: true,
      description: 'The username of a new user. That of an existing user stays.',
    }),
    displayName: t.string({
      description: 'The name that others see, 1 to 100 characters. Default for a new user: the username.',
    }),
    email: t.string({
      description:
        'The e-mail address, at most 255 characters. That of an account that its user signs in to stays: another one is refused with ' +
        'ACCOUNT_IN_USE.',
    }),
    isEmailVerified: t.boolean({
      description: 'Whether that system has verified that the address is of this user. Default: false.',
    }),
    isSuspended: t.boolean({
      description: 'Whether the user may not sign in. A suspension ends all sessions of the user.',
    }),
  }),
});

mutation('upsertUsers', {
  description:
    'Creates users, or updates those that exist, by their ids in another system. For administrators of the server. Each entry succeeds ' +
    'or is refused alone; the same call again changes nothing. Users have no password: they sign in with tokens of the issuer.',
  input: (t) => ({
    issuer: t.string({
      description:
        'The name of the issuer, as in the settings of the server, that has given the ids: they are `sub` of its tokens. Without it, ' +
        'they are ids of the administrators, and nobody can sign in with them.',
    }),
    users: t.field({
      type: [UserToUpsert],
      required: true,
      description: `The users, 1 to ${MAX_UPSERTS}.`,
    }),
    linksUsernames: t.boolean({
      description:
        'Whether an id that is unknown here gets the existing user with the username, if that user has no id of this issuer yet. An ' +
        'account that its user signs in to gets no id of an issuer: ACCOUNT_IN_USE. ' +
        'Default: false.',
    }),
  }),
  success: builder.objectRef<{ results: UpsertedUser[] }>('UpsertUsersSuccess').implement({
    description: 'All entries were processed.',
    fields: (t) => ({
      results: t.field({
        type: [Upserted],
        description: 'One result for each entry, in the same order.',
        extensions: pricedList({ usualSize: 20, inEvents: false }),
        resolve: ({ results }) => results,
      }),
    }),
  }),
  refusals: ['VALIDATION', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => upsertUsers(withAccount(ctx), input),
});
