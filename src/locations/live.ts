import type { Services, SignedIn } from '../context.ts';
import type { RoomEvent } from '../eventlog/kinds.ts';
import { type EphemeralKind, topicOf } from '../eventlog/registry.ts';
import { type MessageKey, pairOf } from '../graphql/ids.ts';
import { type MessageRecord, messageCreated, messageDeleted, storedMessageIn } from '../messages/events.ts';
import { reloadMessage } from '../messages/messages.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { refuse } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { memberLeft } from '../rooms/events.ts';
import { roomArchived, sendingRefusals } from '../rooms/refusals.ts';
import { announce, inRoom } from '../rooms/rooms.ts';
import { liveLocationEnded } from './events.ts';
import { type PositionInput, positionOf } from './location.ts';
import { locationSatellite } from './reading.ts';
import { endLive, type LocationRow, listLive, moveLive } from './store.ts';

/** Maximum of live locations in one LiveLocationsChanged item: the newest. */
export const MAX_LIVE_SHOWN = 50;
/** How long nodes that missed it may still be told that a position changed. */
const TOLD_MS = 60_000;

export interface LiveLocations {
  readonly roomId: number;
  readonly people: readonly [];
  readonly locations: readonly LocationRow[];
}

export const liveLocationsChanged: EphemeralKind<LiveLocations> = {
  name: 'LiveLocationsChanged',
  description:
    'The live locations of the room that have not ended, with their last positions: the complete set, each time. The first item has the ' +
    'current state; later ones come when it changes, at most once a second. Not part of the log: it has no number and no cursor, and ' +
    'may be lost.',
  include: 'LOCATIONS',
  includes: 'the positions of live locations',
  topic: 'locations',
  read: async (sql, roomId) => ({
    roomId,
    people: [],
    locations: await listLive(sql, roomId, MAX_LIVE_SHOWN),
  }),
  visibleFrom: (shown, firstRoomSeq) => {
    const locations = shown.locations.filter(({ roomSeq }) => roomSeq >= firstRoomSeq);
    return locations.length < shown.locations.length ? { ...shown, locations } : shown;
  },
  changedBy: (event) =>
    [liveLocationEnded.name, messageDeleted.name, memberLeft.name].includes(event.kind) ||
    (event.kind === messageCreated.name && mayBeLive(event)),
};

/** Whether a new message shares a live location. An event that was read from the log does not say. */
function mayBeLive(event: RoomEvent): boolean {
  const { isNew, attached } = storedMessageIn(event);
  const location = attached?.[locationSatellite.name] as LocationRow | undefined;
  return !isNew || typeof location?.endsAt === 'number';
}

const countOf = memo((_node: Services) => ({ moves: 0 }));

/** Tells all nodes with watchers of the room that a position changed. They read it themselves. */
export function tellMoved(node: Services, roomId: number): void {
  const value = `${++countOf(node).moves}`;
  // A node that has published as many values as it may leaves watchers to the next move.
  node.ephemeral.publish(topicOf(liveLocationsChanged, roomId), node.ephemeral.nodeId, value, TOLD_MS);
}

const noMessage = () =>
  refuse('NOT_FOUND', 'This message does not exist, or you may not see it.', {
    path: ['input', 'messageId'],
  });

export const liveRefusals: StatusRefusals = {
  ...sendingRefusals,
  NOT_FOUND: noMessage,
  NO_LOCATION: () =>
    refuse('NOT_FOUND', 'This message has no live location.', { path: ['input', 'messageId'] }),
  NOT_AUTHOR: () => refuse('PERMISSION_DENIED', 'Only the author can move or end a live location.'),
  CLOSED: () => refuse('CONFLICT', 'This live location has ended.'),
  ARCHIVED: roomArchived,
};

/** @throws NotFoundError */
function placeOf(messageId: string): MessageKey {
  const [roomId, roomSeq] = pairOf('Message', messageId) ?? [];
  if (roomId === undefined || roomSeq === undefined) throw noMessage();
  return { roomId, roomSeq };
}

/** Replaces the position of the viewer's live location. It is not an event. */
export async function moveLiveLocation(
  { node, viewer }: SignedIn,
  input: { readonly messageId: string; readonly position: PositionInput },
): Promise<{ messageId: string }> {
  const place = placeOf(input.messageId);
  const position = positionOf(input.position, 'input.position');
  await node.limits.spend('location', viewer.userId);
  const refusal = liveRefusals[await moveLive(node.db.write, place, viewer.userId, position)];
  if (refusal) throw refusal();
  tellMoved(node, place.roomId);
  return { messageId: input.messageId };
}

export interface LiveEnded {
  readonly message: MessageRecord;
  readonly roomSeq: number;
}

/** Ends the viewer's live location for good. Ending it again succeeds without an event. */
export async function stopLiveLocation(
  ctx: SignedIn,
  { messageId }: { readonly messageId: string },
): Promise<LiveEnded> {
  const place = placeOf(messageId);
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const { status, roomSeq } = await inRoom(ctx, place.roomId, (sql) =>
    endLive(sql, place, ctx.viewer.userId),
  );
  const refusal = liveRefusals[status];
  if (refusal) throw refusal();
  if (status === 'OK') announce(ctx, place.roomId, roomSeq);
  return { message: await reloadMessage(ctx, place), roomSeq };
}

/**
 * Ends a live location whose time is over, unless it has ended or was deleted. Positions are refused from `endsAt` on, also
 * before this job has run.
 * @throws Error when it ran too early, or the room stays locked: the job is repeated
 */
export async function endWhenOver(node: Services, payload: unknown): Promise<void> {
  const place = placeIn(payload);
  const { status, roomSeq } = await node.changes.run(`room ${place.roomId}`, (sql) =>
    endLive(sql, place, null),
  );
  if (status === 'AGAIN') throw new Error('the time of the live location is not over');
  if (status === 'OK') node.logFollower.announceRoom(place.roomId, roomSeq);
}

function placeIn(payload: unknown): MessageKey {
  const { roomId, roomSeq } = (payload ?? {}) as { roomId?: unknown; roomSeq?: unknown };
  if (typeof roomId !== 'number' || typeof roomSeq !== 'number') throw new Error('the job names no message');
  return { roomId, roomSeq };
}
