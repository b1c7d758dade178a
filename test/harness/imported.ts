import { importUsers } from '../../src/accounts/administration.ts';
import type { TestNode } from './node.ts';
import { Person } from './people.ts';
import { openServices } from './services.ts';

/** Users who are signed in, without the work of their passwords: they have none. Spread over the nodes. */
export async function importPeople(
  databaseUrl: string,
  nodes: readonly [TestNode, ...TestNode[]],
  names: readonly string[],
): Promise<Person[]> {
  const services = await openServices(databaseUrl);
  const newcomers = names.map((username) => ({ username, displayName: username }));
  const made = await importUsers(services.node, newcomers);
  await services.close();
  return made.map(({ userId, username, accessToken, refreshToken }, i) => {
    const node = nodes[i % nodes.length] ?? nodes[0];
    return new Person(node, userId, username, accessToken, refreshToken);
  });
}
