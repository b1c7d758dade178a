import { withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { loadUser } from './people.ts';
import { User, Viewer } from './schema.ts';
import { isAdministrator, type ServerRole as Role, setServerRole } from './server-roles.ts';

const ServerRole = builder.enumType('ServerRole', {
  description: 'What a user may do on the server, besides the roles in rooms.',
  values: {
    USER: { value: 'USER', description: 'Nothing else.' },
    ADMIN: {
      value: 'ADMIN',
      description:
        'Administrates users: `setServerRole`, `upsertUsers` and `deleteUser`. It gives no rights in rooms, and no way into an account that its user signs ' +
        'in to: `upsertUsers` changes neither the ids nor the address of it.',
    },
  } satisfies Record<Role, { value: Role; description: string }>,
});

builder.objectField(Viewer, 'serverRole', (t) =>
  t.field({
    type: ServerRole,
    description: 'The role of the viewer on the server.',
    resolve: async ({ userId }, _args, ctx) => ((await isAdministrator(ctx, userId)) ? 'ADMIN' : 'USER'),
  }),
);

mutation('setServerRole', {
  description:
    'Makes a user an administrator of the server, or ends that. For administrators. The last one stays: ConflictError.',
  input: (t) => ({
    userId: t.id({ required: true, description: 'The id of a User with an account.' }),
    role: t.field({ type: ServerRole, required: true, description: 'The new role.' }),
  }),
  success: builder.objectRef<{ userId: number }>('SetServerRoleSuccess').implement({
    description: 'The user has the role.',
    fields: (t) => ({
      user: t.field({
        type: User,
        description: 'The user.',
        resolve: ({ userId }, _args, ctx) => loadUser(ctx, userId),
      }),
    }),
  }),
  refusals: ['PERMISSION_DENIED', 'NOT_FOUND', 'CONFLICT', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => setServerRole(withAccount(ctx), input),
});
