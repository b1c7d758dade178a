import type { RoomEvent } from '../eventlog/kinds.ts';
import { type RoomEventKind, type SubjectKind, subjectKey } from '../eventlog/registry.ts';
import { findMessages, type MessageRow } from './store.ts';

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
    return { ...message, createdAt, editedAt: date(message.editedAt), deletedAt: date(message.deletedAt) };
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
  description: 'A message was deleted. Its number stays.',
  fields: ['message'],
  clientRule: KEEP_VERSION,
  affects: 'nothing',
  subject: messageSubject,
  erasesSubject: true,
};

export const messageEventKinds: readonly RoomEventKind[] = [messageCreated, messageEdited, messageDeleted];

/** The subject of an event of these kinds. */
export const messageIn = (event: RoomEvent) => event.record as MessageRecord;
