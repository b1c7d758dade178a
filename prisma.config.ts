import { defineConfig } from 'prisma-cli/config';

const url = process.env['DATABASE_URL'];

export default defineConfig({
  schema: 'prisma',
  migrations: { path: 'prisma/migrations' },
  // Generating needs no database.
  ...(url && { datasource: { url } }),
});
