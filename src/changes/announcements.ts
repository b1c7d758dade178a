import type { Services } from '../context.ts';
import type { RoomEvent } from '../eventlog/kinds.ts';
import { type ChangeOutcome, changeStatus, type PendingChange } from './kind.ts';

/** Announces a batch with its events, so that delivering them reads nothing from the database. */
export function announceBatch(
  { logFollower }: Pick<Services, 'logFollower'>,
  batch: readonly PendingChange[],
  outcomes: readonly ChangeOutcome[],
): void {
  const made = batch.flatMap((one, i) => {
    const outcome = outcomes[i];
    return outcome?.status === changeStatus.OK ? [{ ...one, outcome }] : [];
  });
  const rooms = new Map<number, RoomEvent[]>();
  for (const { kind, change, outcome } of made) {
    const event = kind.eventOf(change, outcome);
    if (!event) continue;
    const events = rooms.get(event.roomId);
    if (events) events.push(event);
    else rooms.set(event.roomId, [event]);
  }
  if (rooms.size > 0) logFollower.announceRooms([...rooms].map(([roomId, events]) => newsOf(roomId, events)));
  const accounts = made.flatMap(({ kind, change }) => kind.accountOf?.(change) ?? []);
  if (accounts.length > 0) logFollower.announceAccounts(accounts);
}

/** Kinds are numbered one after the other, so a room's events may not be in the order of their numbers. */
function newsOf(roomId: number, events: RoomEvent[]) {
  events.sort((a, b) => a.roomSeq - b.roomSeq);
  return { roomId, head: events.at(-1)?.roomSeq ?? 0, events };
}
