import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { type EventKind, unavailable } from '../eventlog/registry.ts';
import type { AccountItem, RoomItem } from '../eventlog/streams/items.ts';
import { builder } from '../graphql/builder.ts';
import { globalId } from '../graphql/nodes.ts';
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
      description:
        'The position after this event. Save it together with the event, and subscribe with it to continue.',
    }),
    roomSeq: t.int({
      description: "The number of the event in the room's log, without gaps, in commit order.",
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
      description: 'When the event was stored. Never decreases within a room.',
      resolve: ({ event }) => event.createdAt,
    }),
  }),
});

const roomEvent = (name: string) => builder.objectRef<RoomItem>(name);

/** The types that streams of rooms carry, in the order of their definition. */
export const roomEventTypes: ReturnType<typeof roomEvent>[] = [];

/** Defines the GraphQL type of a kind of room event; the caller adds its own fields. */
export function roomEventType({ name, description }: Pick<EventKind, 'name' | 'description'>) {
  const type = roomEvent(name);
  type.implement({ description, interfaces: [RoomEventType] });
  roomEventTypes.push(type);
  return type;
}

for (const kind of [roomCreated, roomUpdated, roomArchived, roomDeleted, unavailable.room])
  roomEventType(kind);

// -- events of members -------------------------------------------------------------------------

function membershipOf({ roomId, subject, facts }: RoomItem['event']): Membership {
  const { role, permissions, timeoutUntil = null, readSeq, deliveredSeq, joinedAt } = facts as MemberFacts;
  return {
    roomId,
    userId: subject ?? 0,
    role,
    permissions,
    timeoutUntil,
    readSeq,
    deliveredSeq,
    joinedAt: new Date(joinedAt),
  };
}

for (const kind of [memberJoined, memberUpdated]) {
  builder.objectField(roomEventType(kind), 'membership', (t) =>
    t.field({
      type: RoomMembership,
      description: 'The membership as of the event.',
      resolve: ({ event }) => membershipOf(event),
    }),
  );
}

builder.objectFields(roomEventType(memberLeft), (t) => ({
  membershipId: t.id({
    description: 'The id of the membership that ended.',
    resolve: ({ event }) => globalId('RoomMembership', event.roomId, event.subject ?? 0),
  }),
  user: t.field({
    type: User,
    description: 'Who.',
    resolve: ({ event }, _args, ctx) => loadUser(ctx, event.subject ?? 0),
  }),
  removed: t.boolean({
    description: 'True if another member removed the user, false if the user left.',
    resolve: ({ event }) => (event.facts as LeftFacts).removed,
  }),
}));

// -- events of the viewer's own log ------------------------------------------------------------

export const AccountEventType = builder.interfaceRef<AccountItem>('AccountEvent').implement({
  description: 'An event that only the viewer receives. accountSeq counts from 1 without gaps.',
  resolveType: (item) => item.kind,
  fields: (t) => ({
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description:
        'The position after this event. Save it together with the event, and subscribe with it to continue.',
    }),
    accountSeq: t.int({
      description: "The number of the event in the viewer's account log.",
      resolve: ({ event }) => event.accountSeq,
    }),
    occurredAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ event }) => event.createdAt }),
  }),
});

const accountEvent = (name: string) => builder.objectRef<AccountItem>(name);

/** The types of the viewer's own log that the inbox carries, in the order of their definition. */
export const accountEventTypes: ReturnType<typeof accountEvent>[] = [];

/** Defines the GraphQL type of a kind of account event; the caller adds its own fields. */
export function accountEventType({ name, description }: Pick<EventKind, 'name' | 'description'>) {
  const type = accountEvent(name);
  type.implement({ description, interfaces: [AccountEventType] });
  accountEventTypes.push(type);
  return type;
}

builder.objectFields(accountEventType(accessGranted), (t) => ({
  room: t.field({
    type: Room,
    description: 'The room. If the viewer has lost access again since, only the id can be read.',
    resolve: ({ event }, _args, ctx) => viewOrGone(ctx, event.roomId),
  }),
  roomSeq: t.int({
    description: 'The number of the first event of the room that the inbox shows.',
    resolve: ({ event }) => event.roomSeq,
  }),
}));

builder.objectFields(accountEventType(accessLost), (t) => ({
  roomId: t.id({
    description: 'The id of the room.',
    resolve: ({ event }) => globalId('Room', event.roomId),
  }),
  roomSeq: t.int({
    description: "The number of the event in the room's log that ended the access.",
    resolve: ({ event }) => event.roomSeq,
  }),
}));

accountEventType(unavailable.account);
