import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';

let database: TestDatabase;
let node: TestNode;

// As it is run, but for introspection: two audits ask for a type by its name.
beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({
    databaseUrl: database.url,
    env: { NODE_ENV: 'production', INTROSPECTION: 'true' },
  });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

for (const audit of serverAudits({ url: () => node.url, fetchFn: fetch })) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    if (result.status === 'notice') return;
    expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
  });
}
