import { LogEndsDocument, type LogEndsQuery } from './generated/documents.ts';
import type { State } from './reducer.ts';
import type { Sessions } from './sessions.ts';

type End = NonNullable<LogEndsQuery['viewer']>['rooms']['nodes'][number];

/**
 * Estimates how many events a state lacks. The rooms with the latest activity come first, so it reads pages until one
 * has nothing new.
 * @throws ParleyError
 */
export async function missingEvents(sessions: Sessions, state: State): Promise<number> {
  let [missing, after] = [0, null as string | null];
  for (;;) {
    const { viewer } = await sessions.authorized(LogEndsDocument, { after });
    const here = (viewer?.rooms.nodes ?? []).reduce((sum, end) => sum + missingIn(state, end), 0);
    missing += here;
    if (here === 0 || !viewer?.rooms.pageInfo.hasNextPage) return missing;
    after = viewer.rooms.pageInfo.endCursor;
  }
}

function missingIn({ rooms }: State, { id, lastRoomSeq }: End): number {
  return Math.max(0, (lastRoomSeq ?? 0) - (rooms[id]?.lastRoomSeq ?? 0));
}
