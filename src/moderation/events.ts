import type { RoomEventKind } from '../eventlog/registry.ts';

export interface TimeoutFacts {
  /** In ms since 1970; null: the timeout was ended. */
  readonly until: number | null;
}

export const memberTimedOut: RoomEventKind = {
  number: 31,
  name: 'MemberTimedOut',
  description:
    'The `actor` set until when a member may not send messages, or ended that: then `until` is null.',
  fields: ['user', 'until'],
  clientRule: 'take the fields of `room`',
  affects: 'rights',
  subject: null,
  usersNamedIn: ({ subject }) => [subject],
  rightsAfter: (rights, { subject, facts }, userId) =>
    rights && subject === userId ? { ...rights, timeoutUntil: (facts as TimeoutFacts).until } : rights,
};

export const moderationEventKinds: readonly RoomEventKind[] = [memberTimedOut];
