import type { ControlItem } from '../eventlog/streams/items.ts';
import { builder } from '../graphql/builder.ts';
import { enumValues } from '../graphql/enum-values.ts';

// -- what a stream says of itself --------------------------------------------------------------

type Control<Kind extends ControlItem['kind']> = Extract<ControlItem, { kind: Kind }>;
const control = <Kind extends ControlItem['kind']>(kind: Kind) => builder.objectRef<Control<Kind>>(kind);

const StreamReady = control('StreamReady').implement({
  description: 'All missed events have been delivered. The next events are live.',
  fields: (t) => ({
    cursor: t.expose('cursor', { type: 'Cursor', description: 'The position after the missed events.' }),
    replayedCount: t.exposeInt('replayedCount', { description: 'How many missed events were delivered.' }),
  }),
});

const Heartbeat = control('Heartbeat').implement({
  description:
    'Shows that the stream is alive. Sent every 20 seconds by default, after everything that was waiting to be sent.',
  fields: (t) => ({
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'The current position. Save it, so that the saved cursor does not expire.',
    }),
    serverTime: t.expose('serverTime', { type: 'DateTime', description: 'The time of the server.' }),
  }),
});

const AuthExpiring = control('AuthExpiring').implement({
  description:
    'The access token of this connection expires soon. Call refreshStreamAuth with a new one on the same socket.',
  fields: (t) => ({
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When the access token expires.' }),
  }),
});

const ResyncReason = builder.enumType('ResyncReason', {
  description: 'Why a stream cannot continue from a cursor.',
  values: {
    CURSOR_EXPIRED: {
      value: 'CURSOR_EXPIRED',
      description: 'The log no longer contains the events after the cursor.',
    },
    CURSOR_FOREIGN: {
      value: 'CURSOR_FOREIGN',
      description:
        'The cursor belongs to other data: the data before a restored backup, another server, or another user.',
    },
    ACCESS_CHANGED: {
      value: 'ACCESS_CHANGED',
      description: 'The viewer lost access to the room and got it back after the cursor.',
    },
  },
});

const ResyncRequired = control('ResyncRequired').implement({
  description:
    'The stream cannot continue from the cursor. Always the last item. Fetch a snapshot and subscribe with its cursor.',
  fields: (t) => ({
    resyncReason: t.expose('resyncReason', { type: ResyncReason, description: 'The reason.' }),
  }),
});

const closeReasons = {
  SERVER_DRAINING: 'This server is stopping. Connect again; another node answers.',
  SLOW_CONSUMER: 'Reserved. The client did not read for too long.',
  OVERLOADED: 'The stream cannot be opened right now.',
  ACCESS_LOST: 'The viewer is not a member of the room any more.',
  SESSION_ENDED: 'The session ended. Sign in again.',
  AUTH_EXPIRED: 'The access token expired. Subscribe again with a new one.',
  NOT_FOUND: 'There is no such room, or the viewer is not in it.',
  INVALID_CURSOR: 'The cursor is not from this server, or from another stream.',
  LIMIT_REACHED: 'Too many streams on this connection.',
  INTERNAL: 'Reserved. A defect of the server.',
} as const satisfies Record<Control<'StreamClosed'>['closeReason'], string>;

const StreamClosedReason = builder.enumType('StreamClosedReason', {
  description: 'Why a stream ended.',
  values: enumValues(closeReasons),
});

const StreamClosed = control('StreamClosed').implement({
  description:
    'The last item of a stream that the server ends. If `retryable` is true, the saved cursor stays valid.',
  fields: (t) => ({
    closeReason: t.expose('closeReason', { type: StreamClosedReason, description: 'The reason.' }),
    retryable: t.exposeBoolean('retryable', {
      description: 'Whether subscribing again with the saved cursor can work.',
    }),
    retryAfterMs: t.exposeInt('retryAfterMs', {
      nullable: true,
      description: 'Milliseconds to wait before subscribing again.',
    }),
  }),
});

export const controls = [StreamReady, Heartbeat, AuthExpiring, ResyncRequired, StreamClosed];
