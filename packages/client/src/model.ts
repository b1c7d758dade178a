import type { ParleyError } from './errors.ts';
import type { Person, State } from './reducer.ts';

/** Who is signed in. */
export interface Session {
  readonly userId: string;
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
}

/**
 * A message of this device that is not in the timeline yet.
 * - `pending`: not answered; the client repeats it until it is.
 * - `sent`: stored by the server; its event has not arrived yet.
 * - `failed`: refused. It stays until `retry` or `discard`.
 */
export interface OutboxEntry {
  /** The idempotency key. */
  readonly key: string;
  readonly roomId: string;
  readonly text: string;
  readonly replyToId: string | null;
  /** RFC 3339, of this device. */
  readonly createdAt: string;
  /** Entries of a room are sent in this order. */
  readonly place: number;
  readonly status: 'pending' | 'sent' | 'failed';
  /** Why it failed. */
  readonly error: { readonly code: string; readonly detail: string } | null;
  /** Of the answer: once the room has come so far, the message is in it. */
  readonly roomSeq: number | null;
}

/** A reaction of this device that the state may not show yet. The last one of a message and an emoji replaces others. */
export interface ReactionEntry {
  readonly roomId: string;
  readonly messageId: string;
  readonly emoji: string;
  readonly isAdded: boolean;
  /** Of the answer: once the room has come so far, the state shows it. */
  readonly roomSeq: number | null;
}

/**
 * - `signed-out`: nobody is signed in. `reason` is null before the first sign-in and after `logout`.
 * - `connecting`: the first attempt, or the next one after a pause.
 * - `catching-up`: events that were missed arrive; `done` of about `total`, which is null while unknown.
 * - `live`: what is shown is up to date.
 * - `offline`: the last attempt failed; `error` says why. `retryAt` (milliseconds since 1970) is null where only
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

/** What a room shows instead of its newest messages, and which page is being read. */
export interface RoomView {
  /** The numbers of the first and the last message shown; null: the newest. */
  readonly span: { readonly from: number; readonly to: number } | null;
  readonly loading: 'older' | 'newer' | null;
}

/** Everything a client knows. Immutable: each change makes a new one, and what did not change stays the same object. */
export interface Model {
  readonly session: Session | null;
  /** Null before the first snapshot. */
  readonly state: State | null;
  /** By key. */
  readonly outbox: Readonly<Record<string, OutboxEntry>>;
  /** By message id and emoji. */
  readonly reactions: Readonly<Record<string, ReactionEntry>>;
  /** Who is typing, by room id, where somebody wants to know. Not stored. */
  readonly typing: Readonly<Record<string, readonly Person[]>>;
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
  typing: {},
  views: {},
  connection: { status: 'signed-out', reason: null },
};

/** What is shown where the client cannot start. */
export function brokenModel({ code, message }: ParleyError): Model {
  return { ...emptyModel, connection: { status: 'offline', retryAt: null, error: { code, message } } };
}

export const latestView: RoomView = { span: null, loading: null };

export function withView(model: Model, roomId: string, change: Partial<RoomView>): Model {
  const view = { ...(model.views[roomId] ?? latestView), ...change };
  return { ...model, views: { ...model.views, [roomId]: view } };
}
