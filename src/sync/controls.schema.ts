import type { ControlItem } from '../eventlog/streams/stream.ts';
import { builder } from '../graphql/builder.ts';
import { enumValues } from '../graphql/enum-values.ts';

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
