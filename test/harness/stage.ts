import { afterAll, beforeAll } from 'vitest';
import { createDatabase, type TestDatabase } from './database.ts';
import { startNode, type TestNode } from './node.ts';
import { type Person, signUp } from './people.ts';

export interface Stage {
  readonly node: TestNode;
  readonly ada: Person;
}

/**
 * A node with its own database, and Ada, who has an account there: for all tests of a file. `end` is how the node ends:
 * a node that tests have suspended is killed, because its clients do not close their connections.
 */
export function setStage(
  onReady: (stage: Stage) => void,
  end: 'stop' | 'kill' = 'stop',
  env: Record<string, string> = {},
): void {
  let database: TestDatabase | undefined;
  let node: TestNode | undefined;
  beforeAll(async () => {
    database = await createDatabase();
    node = await startNode({ databaseUrl: database.url, env });
    onReady({ node, ada: await signUp(node, 'ada') });
  });
  afterAll(async () => {
    await node?.[end]();
    await database?.drop();
  });
}
