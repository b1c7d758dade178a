import { ParleyError } from './errors.ts';
import { InboxSnapshotDocument, RoomSnapshotDocument } from './generated/documents.ts';
import type { RoomAnswer, Snapshot } from './reducer.ts';
import type { Sessions } from './sessions.ts';

/**
 * Reads all rooms of the viewer, with the position of the first page.
 * @throws ParleyError
 */
export async function inboxSnapshot(sessions: Sessions): Promise<Snapshot> {
  const rooms: RoomAnswer[] = [];
  let [first, after] = [null as Snapshot | null, null as string | null];
  for (;;) {
    const { viewer } = await sessions.authorized(InboxSnapshotDocument, { after });
    if (!viewer) throw new ParleyError('UNAUTHENTICATED', 'Not signed in.');
    rooms.push(...viewer.rooms.nodes);
    first ??= { cursor: viewer.inboxCursor, viewer: viewer.user, rooms };
    if (!viewer.rooms.pageInfo.hasNextPage) return first;
    after = viewer.rooms.pageInfo.endCursor;
  }
}

/**
 * Reads one room; null if the viewer may not see it.
 * @throws ParleyError
 */
export async function roomSnapshot(sessions: Sessions, id: string): Promise<RoomAnswer | null> {
  const { room } = await sessions.authorized(RoomSnapshotDocument, { id });
  if (!room) return null;
  const { cursor: _cursor, ...answer } = room;
  return answer;
}
