import type { RoomEvent } from '../eventlog/kinds.ts';
import type { RoomEventKind } from '../eventlog/registry.ts';
import { messageSubject } from '../messages/events.ts';

/** Whose vote changed; null where the poll was closed. The choices are not in the log. */
export type PollFacts = { readonly userId: number } | null;

export const pollUpdated: RoomEventKind = {
  number: 22,
  name: 'PollUpdated',
  description:
    'A vote in a poll changed, or the poll was closed. The `actor` of a vote is null in an anonymous poll and while the results are ' +
    'hidden; that of a closing is null if its time was over.',
  fields: ['message', 'poll'],
  clientRule: 'replace the poll of the message; if `viewerVotes` is null, keep the previous value',
  affects: 'nothing',
  subject: messageSubject,
};

export const factsIn = (event: RoomEvent) => event.facts as PollFacts;
