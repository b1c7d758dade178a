import type { RoomEvent } from '../eventlog/kinds.ts';
import type { RoomEventKind } from '../eventlog/registry.ts';
import { messageIn, messageSubject } from '../messages/events.ts';
import type { ReactionGroup } from './groups.ts';

/** The group as of the event, and the reaction that changed it. */
export interface ReactionFacts {
  readonly emoji: string;
  readonly count: number;
  readonly reactorIds: readonly number[] | null;
  readonly userId: number;
  readonly isAdded: boolean;
}

export const reactionsChanged: RoomEventKind = {
  number: 11,
  name: 'ReactionsChanged',
  description: 'A user added or removed a reaction. `reactionGroup` is the complete group after the change.',
  fields: ['message', 'reactionGroup'],
  clientRule:
    'replace the group of its `emoji`, or remove it if `count` is 0; if `viewerHasReacted` is null, keep the previous value',
  affects: 'nothing',
  subject: messageSubject,
};

export const reactionEventKinds: readonly RoomEventKind[] = [reactionsChanged];

/** Returns the group of an event. A message that was deleted since has none. See `messageIn`. */
export function groupIn(event: RoomEvent, nowMs: number): ReactionGroup {
  const { userId, isAdded, ...group } = event.facts as ReactionFacts;
  const { roomId, roomSeq, deletedAt } = messageIn(event, nowMs);
  if (deletedAt) return { roomId, roomSeq, emoji: group.emoji, count: 0, reactorIds: [] };
  return { roomId, roomSeq, ...group, change: { userId, isAdded } };
}
