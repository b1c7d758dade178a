import type { RoomEvent } from '../eventlog/kinds.ts';
import type { RoomEventKind } from '../eventlog/registry.ts';
import { messageSubject } from '../messages/events.ts';

/** Whose vote changed; null if the poll was closed. The choices are not in the log. */
export type PollFacts = { readonly userId: number } | null;

export const pollUpdated: RoomEventKind = {
  number: 22,
  name: 'PollUpdated',
  description:
    'A vote in a poll changed, or the poll was closed. The `actor` is null for a vote in an anonymous poll or with hidden results, ' +
    'and if the server closed the poll at `closesAt`.',
  fields: ['message', 'poll'],
  clientRule: 'replace the poll of the message; if `viewerVotes` is null, keep the previous value',
  affects: 'nothing',
  subject: messageSubject,
};

export const factsIn = (event: RoomEvent) => event.facts as PollFacts;
