import type { ChangeKind, ChangeOutcome } from '../changes/kind.ts';
import { type MemberFacts, memberJoined } from './events.ts';
import type { Membership } from './members.store.ts';

/** A user becomes a member of a public room. */
export interface Join {
  readonly roomId: number;
  readonly userId: number;
  /** Maximum of rooms of the user. */
  readonly maxRooms: number;
}

export const joinKind: ChangeKind<Join> = {
  name: 'join',
  parameter: 'p_joins',
  type: 'room_join',
  mixedLimit: 32,
  fields: ({ roomId, userId, maxRooms }) => [roomId, userId, maxRooms],
  eventOf: ({ roomId, userId }, { roomSeq, messageSeq, createdAt, details, ...actor }) => ({
    roomId,
    roomSeq,
    kind: memberJoined.name,
    actorId: userId,
    subject: userId,
    messageSeq,
    createdAt,
    facts: details,
    record: null,
    people: [
      {
        id: userId,
        username: actor.username ?? '',
        displayName: actor.displayName ?? '',
        deletedAt: null,
      },
    ],
  }),
  accountOf: ({ userId }) => userId,
};

/** The membership after a join. */
export function joinedMember({ roomId, userId }: Join, { details }: ChangeOutcome): Membership {
  const { joinedAt, timeoutUntil = null, ...facts } = details as MemberFacts;
  return { ...facts, roomId, userId, timeoutUntil, joinedAt: new Date(joinedAt) };
}
