import { parseSnapshot, readPositions } from '../log.ts';
import { EVENTS_PER_BATCH, failureOf, type Progress } from './progress.ts';
import { type Reading, readRooms } from './readings.ts';
import { advanceRoom, findDueRoom, type RoomSetAside, recordFailure, rejoin } from './rooms-set-aside.ts';

/**
 * Continues one room that is set aside and due. The room rejoins the others when it has reached the position.
 * @returns whether there was one
 */
export async function retryDueRoom(progress: Progress): Promise<boolean> {
  const { session, consumer, rules } = progress.options;
  const room = await findDueRoom(session, consumer.name, rules);
  if (!room) return false;
  const { roomId, afterSeq } = room;
  const seen = await readPositions(session, [roomId], parseSnapshot(progress.position.seen));
  const until = seen.get(roomId) ?? null;
  if (until === null || until <= afterSeq)
    await progress.commit(progress.position, () => rejoin(session, consumer.name, room));
  else await readOn(progress, room, until);
  return true;
}

async function readOn(progress: Progress, room: RoomSetAside, until: number): Promise<void> {
  const { roomId, afterSeq, attempts } = room;
  const request = { roomId, after: afterSeq, until, head: until };
  // The event that failed before is tried alone.
  const limit = attempts > 0 ? 1 : EVENTS_PER_BATCH;
  const [reading] = await readRooms(progress.options.session, [request], limit, null);
  if (reading) await applyAside(progress, room, reading);
}

async function applyAside(progress: Progress, room: RoomSetAside, reading: Reading): Promise<void> {
  const { session, consumer } = progress.options;
  const to = reading.events.at(-1)?.roomSeq ?? reading.after;
  const failure = await failureOf(
    progress.apply([reading], progress.position, () => advanceRoom(session, consumer.name, room, to)),
  );
  if (!failure) return;
  if (reading.events.length > 1)
    await applyAside(progress, room, { ...reading, events: reading.events.slice(0, 1) });
  else await fail(progress, room, to, failure.cause);
}

async function fail(
  { options }: Progress,
  room: RoomSetAside,
  roomSeq: number,
  cause: unknown,
): Promise<void> {
  const { session, consumer, rules, log } = options;
  await recordFailure(session, consumer.name, room, rules, cause);
  if (room.attempts + 1 < rules.maxAttempts) return;
  log.error(
    { consumer: consumer.name, roomId: room.roomId, roomSeq, err: cause },
    'an event failed too often and is a dead letter; its room waits for an operator',
  );
}
