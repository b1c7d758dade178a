import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { globalId } from '../basics.ts';
import { builder } from '../builder.ts';
import {
  ACCOUNT_UNAVAILABLE,
  type AccountEventKind,
  type RoomEventKind,
  UNAVAILABLE,
} from '../eventlog/registry.ts';
import type { AccountItem, RoomItem } from '../eventlog/stream.ts';
import { memberView, viewOrGone } from './access.ts';
import {
  accessGranted,
  accessLost,
  type LeftFacts,
  type MemberFacts,
  memberJoined,
  memberLeft,
  memberUpdated,
  roomArchived,
  roomCreated,
  roomDeleted,
  roomUpdated,
} from './events.ts';
import type { Membership } from './members.ts';
import { Room, RoomMembership } from './schema.ts';

// -- events of a room --------------------------------------------------------------------------

export const RoomEventType = builder.interfaceRef<RoomItem>('RoomEvent').implement({
  description:
    'A durable change in a room. roomSeq is dense from 1: a client can prove that it missed nothing. `room` carries the room as of ' +
    'the event; its connections cannot be selected here.',
  resolveType: (item) => item.kind,
  fields: (t) => ({
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'Save it once the event is applied: the stream goes on behind it.',
    }),
    roomSeq: t.int({
      description: "The number of the event in its room's log: dense, in commit order.",
      resolve: ({ event }) => event.roomSeq,
    }),
    room: t.field({
      type: Room,
      description: 'The room as of the event.',
      resolve: ({ event: { roomId, roomSeq, messageSeq }, epoch }) =>
        memberView(roomId, { epoch, roomSeq, messageSeq }),
    }),
    actor: t.field({
      type: User,
      nullable: true,
      description: 'The user who caused the event. Null if no single user did.',
      resolve: ({ event }, _args, ctx) => (event.actorId === null ? null : loadUser(ctx, event.actorId)),
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When. Never runs backwards inside a room.',
      resolve: ({ event }) => event.createdAt,
    }),
  }),
});

const roomEvent = (name: string) => builder.objectRef<RoomItem>(name);

/** The types that streams of rooms carry, in the order of their definition. */
export const roomEventTypes: ReturnType<typeof roomEvent>[] = [];

/** The GraphQL type of a kind of room event; add the fields of its own to what this returns. */
export function roomEventType({ name }: Pick<RoomEventKind, 'name'>, description: string) {
  const type = roomEvent(name);
  type.implement({ description, interfaces: [RoomEventType] });
  roomEventTypes.push(type);
  return type;
}

roomEventType(roomCreated, 'The room was made: the first event of every log.');
roomEventType(roomUpdated, 'Its name or description changed.');
roomEventType(roomArchived, 'It can be read, not changed, from now on.');
roomEventType(roomDeleted, 'It is gone: the last event of its log.');
roomEventType(
  { name: UNAVAILABLE },
  'Keeps the log dense where an event can no longer be shown (erased, damaged).',
);

// -- events of members -------------------------------------------------------------------------

function membershipOf({ roomId, subject, facts }: RoomItem['event']): Membership {
  const { role, readSeq, deliveredSeq, joinedAt } = facts as MemberFacts;
  return { roomId, userId: subject ?? 0, role, readSeq, deliveredSeq, joinedAt: new Date(joinedAt) };
}

for (const [kind, description] of [
  [memberJoined, 'Somebody became a member.'],
  [memberUpdated, "A member's role or name changed."],
] as const) {
  builder.objectField(roomEventType(kind, description), 'membership', (t) =>
    t.field({
      type: RoomMembership,
      description: 'The membership as of the event.',
      resolve: ({ event }) => membershipOf(event),
    }),
  );
}

const MemberLeft = roomEventType(
  memberLeft,
  'A member left or was removed. The last thing that member sees of the room.',
);
builder.objectFields(MemberLeft, (t) => ({
  membershipId: t.id({
    description: 'The id that the membership had.',
    resolve: ({ event }) => globalId('RoomMembership', event.roomId, event.subject ?? 0),
  }),
  user: t.field({
    type: User,
    description: 'Who.',
    resolve: ({ event }, _args, ctx) => loadUser(ctx, event.subject ?? 0),
  }),
  removed: t.boolean({
    description: 'By somebody else.',
    resolve: ({ event }) => (event.facts as LeftFacts).removed,
  }),
}));

// -- events of the viewer's own log ------------------------------------------------------------

const AccountEventType = builder.interfaceRef<AccountItem>('AccountEvent').implement({
  description: 'Something that concerns the viewer alone. accountSeq is dense from 1.',
  resolveType: (item) => item.kind,
  fields: (t) => ({
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'Save it once the event is applied: the stream goes on behind it.',
    }),
    accountSeq: t.int({
      description: "The number of the event in the viewer's own log.",
      resolve: ({ event }) => event.accountSeq,
    }),
    occurredAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ event }) => event.createdAt }),
  }),
});

const accountEvent = (name: string) => builder.objectRef<AccountItem>(name);

/** The types of the viewer's own log that the inbox carries, in the order of their definition. */
export const accountEventTypes: ReturnType<typeof accountEvent>[] = [];

/** The GraphQL type of a kind of account event; add the fields of its own to what this returns. */
function accountEventType({ name }: Pick<AccountEventKind, 'name'>, description: string) {
  const type = accountEvent(name);
  type.implement({ description, interfaces: [AccountEventType] });
  accountEventTypes.push(type);
  return type;
}

const RoomAccessGranted = accountEventType(
  accessGranted,
  'The viewer can read this room from now on, from roomSeq; its history is in Room.messages.',
);
builder.objectFields(RoomAccessGranted, (t) => ({
  room: t.field({
    type: Room,
    description: 'The room. Where access was lost again since, nothing but its id is shown.',
    resolve: ({ event }, _args, ctx) => viewOrGone(ctx, event.roomId),
  }),
  roomSeq: t.int({
    description: "The first number of the room's log that the inbox shows.",
    resolve: ({ event }) => event.roomSeq,
  }),
}));

const RoomAccessLost = accountEventType(accessLost, 'The viewer cannot read this room any more.');
builder.objectFields(RoomAccessLost, (t) => ({
  roomId: t.id({
    description: 'The id of the room.',
    resolve: ({ event }) => globalId('Room', event.roomId),
  }),
  roomSeq: t.int({
    description: "The number of the room's log that ended it.",
    resolve: ({ event }) => event.roomSeq,
  }),
}));

accountEventType(
  { name: ACCOUNT_UNAVAILABLE },
  "Keeps the viewer's own log dense where this server cannot show an event: a newer version wrote it. Fetch a snapshot.",
);
