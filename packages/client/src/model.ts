import type { ParleyError } from './errors.ts';
import type { SendMessageInput } from './generated/documents.ts';
import type { State } from './reducer.ts';

/** The signed-in user and the tokens. */
export interface Session {
  readonly userId: string;
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

/** What a message has besides its text, as the mutation takes it. */
export type MessageParts = Pick<SendMessageInput, 'metadata' | 'expiresInSeconds'>;

/**
 * A message of this device that is not in the timeline yet.
 * - `pending`: it has no answer; the client repeats it until it gets one.
 * - `sent`: the server stored it; its event has not arrived yet.
 * - `failed`: the server refused it. It stays until `retry` or `discard`.
 */
export interface OutboxEntry {
  /** The idempotency key. */
  readonly key: string;
  readonly roomId: string;
  readonly text: string;
  readonly replyToId: string | null;
  /** Of a reply in a thread. */
  readonly thread?: { readonly threadRootId: string; readonly alsoSendToRoom: boolean };
  readonly parts?: MessageParts;
  /** RFC 3339, of this device. */
  readonly createdAt: string;
  /** Entries of a room are sent in this order. */
  readonly place: number;
  readonly status: 'pending' | 'sent' | 'failed';
  /** Why it failed. */
  readonly error: { readonly code: string; readonly detail: string } | null;
  /** From the answer: when the room has reached this number, it contains the message. */
  readonly roomSeq: number | null;
}

/**
 * A reaction of this device that the state may not show yet. A later one for the same message and emoji replaces it.
 */
export interface ReactionEntry {
  readonly roomId: string;
  readonly messageId: string;
  readonly emoji: string;
  readonly isAdded: boolean;
  /** From the answer: when the room has reached this number, the state shows the reaction. */
  readonly roomSeq: number | null;
}

/** What the viewer has begun to write in a room or thread: as the server has it, or newer. */
export interface DraftEntry {
  readonly roomId: string;
  /** The message that the thread belongs to; null for the room. */
  readonly threadRootId: string | null;
  readonly text: string;
  readonly quotedMessageId: string | null;
  /** The idempotency key of the message that it becomes. */
  readonly key: string;
  /** RFC 3339. */
  readonly updatedAt: string;
  /** Of the server's draft; 0 if it is not known to have one. */
  readonly version: number;
  /**
   * - `changed`: the server does not have it yet.
   * - `refused`: the server does not take it. It stays on this device.
   */
  readonly status: 'saved' | 'changed' | 'refused';
}

/**
 * - `signed-out`: no user is signed in. `reason` is null before the first sign-in and after `logout`.
 * - `connecting`: the first attempt, or the next one after a pause.
 * - `catching-up`: missed events arrive; `done` of about `total`, which is null while unknown.
 * - `live`: the state is up to date.
 * - `offline`: the last attempt failed; `error` says why. `retryAt` (milliseconds since 1970) is null if only
 *   `reconnect` tries again.
 */
export type ConnectionState =
  | { readonly status: 'signed-out'; readonly reason: 'SESSION_ENDED' | null }
  | { readonly status: 'connecting' }
  | { readonly status: 'catching-up'; readonly done: number; readonly total: number | null }
  | { readonly status: 'live' }
  | {
      readonly status: 'offline';
      readonly retryAt: number | null;
      readonly error: { readonly code: string; readonly message: string };
    };

/** The part of the timeline that a room shows instead of its newest messages, and the page that is being read. */
export interface RoomView {
  /** The numbers of the first and the last message shown; null: the newest. */
  readonly span: { readonly from: number; readonly to: number } | null;
  readonly loading: 'older' | 'newer' | null;
}

/**
 * The whole state of a client. It is immutable: each change creates a new model, and unchanged parts stay the same
 * objects.
 */
export interface Model {
  readonly session: Session | null;
  /** Null before the first snapshot. */
  readonly state: State | null;
  /** By key. */
  readonly outbox: Readonly<Record<string, OutboxEntry>>;
  /** By message id and emoji. */
  readonly reactions: Readonly<Record<string, ReactionEntry>>;
  /** By room and thread. */
  readonly drafts: Readonly<Record<string, DraftEntry>>;
  /** By room id. Not stored. */
  readonly views: Readonly<Record<string, RoomView>>;
  /** Not stored. */
  readonly connection: ConnectionState;
}

export const emptyModel: Model = {
  session: null,
  state: null,
  outbox: {},
  reactions: {},
  drafts: {},
  views: {},
  connection: { status: 'signed-out', reason: null },
};

/** The model of a client that cannot start. */
export function brokenModel({ code, message }: ParleyError): Model {
  return { ...emptyModel, connection: { status: 'offline', retryAt: null, error: { code, message } } };
}

export const latestView: RoomView = { span: null, loading: null };

export function withView(model: Model, roomId: string, change: Partial<RoomView>): Model {
  const view = { ...(model.views[roomId] ?? latestView), ...change };
  return { ...model, views: { ...model.views, [roomId]: view } };
}
