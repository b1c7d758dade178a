import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { enumValues, globalId } from '../basics.ts';
import { builder } from '../builder.ts';
import type { LeftFacts, MemberFacts } from '../eventlog/kinds.ts';
import type { AccountItem, ControlItem, RoomItem } from '../eventlog/stream.ts';
import { edgeOf, Message, RoomMessagesEdge } from '../messages/schema.ts';
import { memberView, viewOrGone } from '../rooms/access.ts';
import type { Membership } from '../rooms/members.ts';
import { Room, RoomMembership } from '../rooms/schema.ts';

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
      description: 'Who did it; null where nobody in particular did.',
      resolve: ({ event }, _args, ctx) => (event.actorId === null ? null : loadUser(ctx, event.actorId)),
    }),
    occurredAt: t.field({
      type: 'DateTime',
      description: 'When. Never runs backwards inside a room.',
      resolve: ({ event }) => event.createdAt,
    }),
  }),
});

function roomEvent(name: RoomItem['kind'], description: string) {
  return builder.objectRef<RoomItem>(name).implement({ description, interfaces: [RoomEventType] });
}

function messageEvent(name: RoomItem['kind'], description: string) {
  const ref = roomEvent(name, description);
  builder.objectField(ref, 'message', (t) =>
    t.field({
      type: Message,
      description: 'The message, in its state at the event or later, never earlier.',
      resolve: ({ event }) => event.message as never,
    }),
  );
  return ref;
}

function memberEvent(name: RoomItem['kind'], description: string) {
  const ref = roomEvent(name, description);
  builder.objectField(ref, 'membership', (t) =>
    t.field({
      type: RoomMembership,
      description: 'The membership as of the event.',
      resolve: ({ event }) => membershipOf(event),
    }),
  );
  return ref;
}

function membershipOf({ roomId, subject, facts }: RoomItem['event']): Membership {
  const { role, readSeq, deliveredSeq, joinedAt } = facts as MemberFacts;
  return { roomId, userId: subject ?? 0, role, readSeq, deliveredSeq, joinedAt: new Date(joinedAt) };
}

const MessageCreated = messageEvent('MessageCreated', 'Somebody said something.');
builder.objectField(MessageCreated, 'messageEdge', (t) =>
  t.field({
    type: RoomMessagesEdge,
    nullable: true,
    description: 'Its edge in the main timeline, to put into a list that is shown.',
    resolve: ({ event }) => event.message && edgeOf(event.message),
  }),
);

const MemberLeft = roomEvent(
  'MemberLeft',
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

export const roomEvents = [
  roomEvent('RoomCreated', 'The room was made: the first event of every log.'),
  roomEvent('RoomUpdated', 'Its name or description changed.'),
  roomEvent('RoomArchived', 'It can be read, not changed, from now on.'),
  roomEvent('RoomDeleted', 'It is gone: the last event of its log.'),
  MessageCreated,
  messageEvent('MessageEdited', 'A message says something else now.'),
  messageEvent('MessageDeleted', 'A message was deleted; its number stays.'),
  memberEvent('MemberJoined', 'Somebody became a member.'),
  memberEvent('MemberUpdated', "A member's role or name changed."),
  MemberLeft,
  roomEvent(
    'EventUnavailable',
    'Keeps the log dense where an event can no longer be shown (erased, damaged).',
  ),
];

// -- events of the own log ---------------------------------------------------------------------

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

export const RoomAccessGranted = builder.objectRef<AccountItem>('RoomAccessGranted').implement({
  description: 'The viewer can read this room from now on, from roomSeq; its history is in Room.messages.',
  interfaces: [AccountEventType],
  fields: (t) => ({
    room: t.field({
      type: Room,
      description: 'The room. Where access was lost again since, nothing but its id is shown.',
      resolve: ({ event }, _args, ctx) => viewOrGone(ctx, event.roomId),
    }),
    roomSeq: t.int({
      description: "The first number of the room's log that the inbox shows.",
      resolve: ({ event }) => event.roomSeq,
    }),
  }),
});

export const RoomAccessLost = builder.objectRef<AccountItem>('RoomAccessLost').implement({
  description: 'The viewer cannot read this room any more.',
  interfaces: [AccountEventType],
  fields: (t) => ({
    roomId: t.id({
      description: 'The id of the room.',
      resolve: ({ event }) => globalId('Room', event.roomId),
    }),
    roomSeq: t.int({
      description: "The number of the room's log that ended it.",
      resolve: ({ event }) => event.roomSeq,
    }),
  }),
});

// -- what a stream says of itself --------------------------------------------------------------

type Control<Kind extends ControlItem['kind']> = Extract<ControlItem, { kind: Kind }>;
const control = <Kind extends ControlItem['kind']>(kind: Kind) => builder.objectRef<Control<Kind>>(kind);

const StreamReady = control('StreamReady').implement({
  description: 'The backlog is delivered; what follows is live.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: 'The position behind the backlog.' }),
    replayedCount: t.exposeInt('replayedCount', { description: 'How many events the backlog had.' }),
  }),
});

const Heartbeat = control('Heartbeat').implement({
  description:
    'The stream is alive. Comes every 20 seconds unless configured otherwise, whatever else is sent, behind all that is to be sent.',
  fields: (t) => ({
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'The position now: save it, so that it stays young.',
    }),
    serverTime: t.expose('serverTime', { type: 'DateTime', description: "The server's clock." }),
  }),
});

const AuthExpiring = control('AuthExpiring').implement({
  description:
    'The access token of this connection ends soon: call refreshStreamAuth with a new one on the same socket.',
  fields: (t) => ({ expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends.' }) }),
});

const ResyncReason = builder.enumType('ResyncReason', {
  description: 'Why continuity cannot be proven.',
  values: {
    CURSOR_EXPIRED: { value: 'CURSOR_EXPIRED', description: 'The log no longer reaches back to the cursor.' },
    CURSOR_FOREIGN: {
      value: 'CURSOR_FOREIGN',
      description: 'The cursor belongs to other data: a restored backup, another server or person.',
    },
    ACCESS_CHANGED: {
      value: 'ACCESS_CHANGED',
      description: 'Access was lost and given again since the cursor.',
    },
  },
});

const ResyncRequired = control('ResyncRequired').implement({
  description:
    'Continuity cannot be proven. Always the last item: fetch a snapshot and subscribe from its cursor.',
  fields: (t) => ({ resyncReason: t.expose('resyncReason', { type: ResyncReason, description: 'Why.' }) }),
});

const closeReasons = {
  SERVER_DRAINING: 'This server stops: connect again, to another.',
  SLOW_CONSUMER: 'Reserved. The client did not read for too long.',
  OVERLOADED: 'The stream could not be opened now.',
  ACCESS_LOST: 'The viewer is not a member of the room any more.',
  SESSION_ENDED: 'The session was ended: sign in again.',
  AUTH_EXPIRED: 'The access token ended: come back with a new one.',
  NOT_FOUND: 'There is no such room, or the viewer is not in it.',
  INVALID_CURSOR: 'The cursor was not made by this server, or for another stream.',
  LIMIT_REACHED: 'Too many streams on this connection.',
  INTERNAL: 'Reserved. A mistake of the server.',
} as const satisfies Record<Control<'StreamClosed'>['closeReason'], string>;

const StreamClosedReason = builder.enumType('StreamClosedReason', {
  description: 'Why a stream ended.',
  values: enumValues(closeReasons),
});

const StreamClosed = control('StreamClosed').implement({
  description: 'The last item of a stream that ends otherwise. The cursor stays good when retryable.',
  fields: (t) => ({
    closeReason: t.expose('closeReason', { type: StreamClosedReason, description: 'Why.' }),
    retryable: t.exposeBoolean('retryable', {
      description: 'Whether subscribing again, from the saved cursor, may work.',
    }),
    retryAfterMs: t.exposeInt('retryAfterMs', {
      nullable: true,
      description: 'Milliseconds to wait before that.',
    }),
  }),
});

export const controls = [StreamReady, Heartbeat, AuthExpiring, ResyncRequired, StreamClosed];
