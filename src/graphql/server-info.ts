import { builder } from './builder.ts';

/** Increases with every change of the schema: `major.minor`. Additions raise only the minor. */
const SCHEMA_VERSION = '1.0';
/** The release, as in package.json (a test keeps them equal). */
export const VERSION = '0.1.0';

export const ServerInfo = builder
  .objectRef<{ version: string; schemaVersion: string }>('ServerInfo')
  .implement({
    description: 'Information about this server.',
    fields: (t) => ({
      version: t.exposeString('version', { description: 'The version of the server.' }),
      allowsGuests: t.boolean({
        description: 'Whether invites can create guests: users without an account.',
        resolve: (_info, _args, { node }) => node.settings.ALLOW_GUESTS,
      }),
      schemaVersion: t.exposeString('schemaVersion', {
        description: 'The version of the schema. Additions increase the second number.',
      }),
    }),
  });

builder.queryField('serverInfo', (t) =>
  t.field({
    type: ServerInfo,
    description: 'Information about this server. Works without signing in.',
    resolve: () => ({ version: VERSION, schemaVersion: SCHEMA_VERSION }),
  }),
);
