import type { RoomEvent } from '../eventlog/kinds.ts';
import { type RoomEventKind, type SubjectKind, subjectKey } from '../eventlog/registry.ts';
import { expired, findMessages, type MessageRow } from './store.ts';

/** A message in its state as of the event or later, never earlier. */
export type MessageRecord = MessageRow & {
  /** The event itself posted the message, so its satellites have no data except `attached`. */
  readonly isNew?: true;
  /** Whom a new message mentions, if anybody. */
  readonly mentions?: Mentions;
  /** Data of satellites from the event, by their names. Showing it reads nothing. */
  readonly attached?: Readonly<Record<string, unknown>>;
};

const date = (value: unknown) => (typeof value === 'string' ? new Date(value) : null);

/** Loads messages by the `roomSeq` at which they were created. */
export const messageSubject: SubjectKind = {
  name: 'message',
  async load(sql, keys) {
    const rows = await findMessages(
      sql,
      keys.map(({ roomId }) => roomId),
      keys.map(({ subject }) => subject),
    );
    return new Map(rows.map((row) => [subjectKey({ roomId: row.roomId, subject: row.roomSeq }), row]));
  },
  usersNamedIn: (record) => [(record as MessageRecord).authorId],
  revive(json) {
    const message = json as MessageRecord;
    const createdAt = new Date(message.createdAt);
    const [editedAt, deletedAt] = [date(message.editedAt), date(message.deletedAt)];
    return { ...message, createdAt, editedAt, deletedAt, expiresAt: date(message.expiresAt) };
  },
};

/** Whom a message mentions: members by their ids, or all of them. */
export interface Mentions {
  /** Also the members of roles. */
  readonly userIds: readonly number[];
  readonly isEverybody: boolean;
  /** Ranks. */
  readonly roles?: readonly number[];
}

/** What an edit has changed of them; null where the message mentioned nobody. */
export interface ChangedMentions {
  readonly was: Mentions | null;
  readonly now: Mentions | null;
}

const KEEP_VERSION = 'store the message, unless a higher `version` of it is stored';

export const messageCreated: RoomEventKind = {
  number: 5,
  name: 'MessageCreated',
  description: 'A member sent a message.',
  fields: ['message', 'messageEdge'],
  clientRule: `${KEEP_VERSION}; raise the author's marks to its \`seq\`. Without a \`seq\` it is only in a thread, and not in the timeline`,
  affects: 'nothing',
  subject: messageSubject,
  usersNamedIn: ({ facts }) => (facts as Mentions | null)?.userIds ?? [],
};

export const messageEdited: RoomEventKind = {
  number: 6,
  name: 'MessageEdited',
  description: 'The text of a message changed.',
  fields: ['message'],
  clientRule: KEEP_VERSION,
  affects: 'nothing',
  subject: messageSubject,
};

export const messageDeleted: RoomEventKind = {
  number: 7,
  name: 'MessageDeleted',
  description: 'A message was deleted, or has expired: then the `actor` is null. Its number stays.',
  fields: ['message', 'reason'],
  clientRule: KEEP_VERSION,
  affects: 'nothing',
  subject: messageSubject,
  erasesSubject: true,
};

export const messageEventKinds: readonly RoomEventKind[] = [messageCreated, messageEdited, messageDeleted];

/** How much earlier an event shows a message as expired: its rendered text is kept for a second. */
const EARLY_MS = 1_000;

const isOver = ({ expiresAt, deletedAt }: MessageRecord, nowMs: number) =>
  expiresAt !== null && deletedAt === null && expiresAt.getTime() - EARLY_MS <= nowMs;

/** The subject of an event of these kinds as the node has it: with its text also after its expiry, so not to be shown. */
export const storedMessageIn = (event: RoomEvent) => event.record as MessageRecord;

/**
 * The subject of an event of these kinds. After its expiry it is deleted, also before the event of that.
 * @param nowMs by the clock of the database: clients keep what is shown too early
 */
export function messageIn(event: RoomEvent, nowMs: number): MessageRecord {
  const message = storedMessageIn(event);
  if (!isOver(message, nowMs)) return message;
  const { isNew: _isNew, mentions: _mentions, attached: _attached, ...row } = message;
  return expired(row);
}

/** Of a deletion that erases the text of a deleted user: whom it mentioned, perhaps nobody. */
export type ErasureFacts = Mentions & { readonly isErasure: true };

/** Why a message was deleted. No user deletes an expired one. */
export function deletionReasonOf(event: RoomEvent): 'DELETED' | 'EXPIRED' | 'MODERATED' | 'ACCOUNT_DELETED' {
  if (event.actorId === null) return 'EXPIRED';
  if ((event.facts as Partial<ErasureFacts> | null)?.isErasure) return 'ACCOUNT_DELETED';
  return storedMessageIn(event).authorId === event.actorId ? 'DELETED' : 'MODERATED';
}
