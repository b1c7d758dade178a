import { type Figures, measure, times, type Variant } from './figures.ts';
import { gqlLine, type Operation } from './load/load.ts';
import type { Server, World } from './world.ts';

const AT_ONCE = 4;

/** `<AT_ONCE> at a time`, for titles. */
export const PACE = `${AT_ONCE} at a time`;

/** A page that is asked for again and again, over a socket that is open. */
export interface Pages {
  readonly name: string;
  readonly server: Server;
  readonly token: string;
  readonly page: Operation;
  /** What every answer contains. */
  readonly answer: string;
  /** How many SQL statements the server has sent so far. */
  readonly statements: () => Promise<number>;
}

export async function pagesOf(world: World, pages: Pages, count: number): Promise<Variant> {
  const { name, server, token, page, answer, statements } = pages;
  const load = await world.startLoad({
    port: server.port,
    mode: 'gql',
    lines: Array.from({ length: AT_ONCE }, () => gqlLine(token, { request: page })),
    answer,
  });
  const run = async (): Promise<Figures> => {
    const before = await statements();
    const figures = await measure({ world, servers: [server], loads: [load] }, async () => {
      await load.flood(count, AT_ONCE);
      return count;
    });
    const each = ((await statements()) - before) / count;
    return { ...figures, ...times((await load.stat()).answers), statements: each };
  };
  return { name, node: server, run };
}
