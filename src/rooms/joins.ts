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

/** The facts of the event, and more. */
type JoinDetails = MemberFacts & {
  /** The last number of the room's log, if a request of the user to join counts as accepted. */
  readonly answeredSeq?: number;
};

function factsOf(details: object | null): MemberFacts {
  const { answeredSeq: _, ...facts } = details as JoinDetails;
  return facts;
}

/** The number behind the join that the room's log goes to; null if nobody answered a request by it. */
export const answeredBy = ({ details }: ChangeOutcome): number | null =>
  (details as JoinDetails).answeredSeq ?? null;

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
    facts: factsOf(details),
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
  const { joinedAt, timeoutUntil = null, ...facts } = factsOf(details);
  return { ...facts, roomId, userId, timeoutUntil, joinedAt: new Date(joinedAt) };
}
