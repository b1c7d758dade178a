import type { ParleyError } from './errors.ts';
import type { ThreadPartsFragment } from './generated/documents.ts';
import type { Model, OutboxEntry } from './model.ts';
import {
  keepReply,
  type Replies,
  type ReplyAnswer,
  type ReplyInfo,
  repliesFrom,
  replyInfo,
} from './replies.ts';

/** A thread in the form that applications show. */
export type ThreadInfo = ThreadPartsFragment;

/** A reply of this device that is not in the thread yet: from the outbox of the client. */
export interface PendingReply extends Pick<OutboxEntry, 'key' | 'text' | 'status'> {
  readonly alsoSendToRoom: boolean;
  /** The message that it quotes; null if it is not loaded. */
  readonly replyTo: ReplyInfo | null;
  /** Why the server refused it: it stays until `client.retry` or `client.discard`. Null while it is being sent. */
  readonly error: OutboxEntry['error'];
}

/** An open thread. */
export interface ThreadView {
  /** Null before it was read, and if the viewer may not see it. */
  readonly root: ReplyInfo | null;
  /** Null if nobody has replied yet. */
  readonly thread: ThreadInfo | null;
  /** Oldest first, without a gap. */
  readonly replies: readonly ReplyInfo[];
  readonly pending: readonly PendingReply[];
  readonly hasOlder: boolean;
  readonly isLoading: boolean;
  /** Why it could not be read. */
  readonly error: ParleyError | null;
}

/** What was read of a thread, with what events have changed since. */
export interface LoadedThread {
  readonly all: Replies;
  /** The number of the first reply that is shown; null before the first page. */
  readonly first: number | null;
  /** The cursor of the page before it; null: there is none. */
  readonly before: string | null;
  /** Replies of this device that have left the outbox, until their events arrive. */
  readonly sent: readonly OutboxEntry[];
  /** Reactions of this device that the core of the client has seen stored, until their events arrive here. */
  readonly reacted: Model['reactions'];
  readonly isLoading: boolean;
  readonly error: ParleyError | null;
}

export const nothingLoaded: LoadedThread = {
  all: {},
  first: null,
  before: null,
  sent: [],
  reacted: {},
  isLoading: true,
  error: null,
};

/** A page of a thread, with its root. */
export interface ThreadPage {
  readonly root: ReplyAnswer;
  /** Oldest first. */
  readonly replies: readonly ReplyAnswer[];
  readonly lastThreadSeq: number;
  /** The cursor of the page before it; null: there is none. */
  readonly before: string | null;
}

/** Puts a page of the end in place of what is loaded. What events have brought behind it stays. */
export function withLastPage(
  { all, ...loaded }: LoadedThread,
  { root, replies, before, lastThreadSeq }: ThreadPage,
): LoadedThread {
  const first = replies[0]?.threadSeq ?? lastThreadSeq + 1;
  const newer = Object.values(all).filter(({ id, threadSeq }) => id === root.id || (threadSeq ?? 0) >= first);
  const kept: Replies = Object.fromEntries(newer.map((message) => [message.id, message]));
  return { ...loaded, first, before, all: [root, ...replies].reduce(keepReply, kept) };
}

/** Adds the page before what is loaded. */
export function withOlderPage(loaded: LoadedThread, { root, replies, before }: ThreadPage): LoadedThread {
  const first = replies[0]?.threadSeq ?? loaded.first;
  return { ...loaded, first, before, all: [root, ...replies].reduce(keepReply, loaded.all) };
}

/** What the model of the client says of a thread. */
export interface OwnState {
  readonly viewerId: string | undefined;
  readonly outbox: readonly OutboxEntry[];
  readonly reactions: Model['reactions'];
}

/** The part of a thread that is in the outbox has not been read. */
export function viewOf(
  loaded: LoadedThread,
  rootId: string,
  { viewerId, outbox, reactions }: OwnState,
): Omit<ThreadView, 'thread'> {
  const { all, first, before, sent, reacted, isLoading, error } = loaded;
  const entries = { ...reacted, ...reactions };
  const info = (message: ReplyAnswer | undefined) => (message ? replyInfo(message, viewerId, entries) : null);
  const stored = keysOf(all);
  return {
    root: info(all[rootId]),
    replies: repliesFrom(all, first ?? Number.POSITIVE_INFINITY).map((reply) =>
      replyInfo(reply, viewerId, entries),
    ),
    pending: [...sent, ...outbox]
      .filter(({ key }) => !stored.has(key))
      .map((entry) => pendingOf(entry, info(all[entry.replyToId ?? '']))),
    hasOlder: before !== null,
    isLoading,
    error,
  };
}

export const keysOf = (all: Replies) =>
  new Set(Object.values(all).map(({ idempotencyKey }) => idempotencyKey));

const pendingOf = (
  { key, text, thread, status, error }: OutboxEntry,
  replyTo: ReplyInfo | null,
): PendingReply => ({
  key,
  text,
  alsoSendToRoom: thread?.alsoSendToRoom ?? false,
  replyTo,
  status,
  error,
});
