import type { ChangeKind, ChangeOutcome } from '../changes/kind.ts';
import type { PersonRecord, RoomEvent } from '../eventlog/kinds.ts';
import {
  type ChangedMentions,
  type ErasureFacts,
  type Mentions,
  type MessageRecord,
  messageDeleted,
  messageEdited,
} from './events.ts';
import { type MentionedNames, mentionRows } from './mention-names.ts';
import type { NewPart } from './parts.ts';
import type { MessageKey } from './store.ts';

export interface Edit extends MessageKey {
  readonly actorId: number;
  readonly text: string;
  /** Null: any version. */
  readonly expectedVersion: number | null;
  /** Nobody, where it is missing. */
  readonly mentions?: MentionedNames;
  /** New ones, in place of the old. Others stay. */
  readonly parts?: readonly NewPart[];
}

export interface Deletion extends MessageKey {
  /** Null: its time is over. */
  readonly actorId: number | null;
  /** The actor is a deleted user, whose text this is. */
  readonly isErasure?: true;
}

/** Maximum of each kind in one call with changes of other kinds. */
const MIXED_LIMIT = 32;

export const editKind: ChangeKind<Edit> = {
  name: 'edit',
  parameter: 'p_edits',
  type: 'message_edit',
  mixedLimit: MIXED_LIMIT,
  fields: (edit) => [edit.roomId, edit.roomSeq, edit.actorId, edit.text, edit.expectedVersion],
  beside: [
    {
      parameter: 'p_edit_mentions',
      type: 'mention_name',
      rows: ({ mentions }) => mentionRows(mentions),
    },
    {
      parameter: 'p_edit_parts',
      type: 'edited_part',
      rows: ({ parts = [] }) => parts.map(({ name, content }) => [name, JSON.stringify(content)]),
    },
  ],
  eventOf: (edit, outcome) => ({
    ...eventOf(messageEdited.name, edit, outcome),
    record: editedMessage(edit, outcome),
    people: actorOf(edit, outcome),
  }),
};

export const deletionKind: ChangeKind<Deletion> = {
  name: 'deletion',
  parameter: 'p_deletions',
  type: 'message_deletion',
  mixedLimit: MIXED_LIMIT,
  fields: (deletion) => [deletion.roomId, deletion.roomSeq, deletion.actorId],
  eventOf(deletion, outcome) {
    return {
      ...eventOf(messageDeleted.name, deletion, outcome),
      record: deletedMessage(deletion, outcome),
      people: [...actorOf(deletion, outcome), ...otherAuthorOf(outcome)],
      ...(deletion.isErasure && { facts: erasureFacts(outcome) }),
    };
  },
};

/** The message after an edit. */
export function editedMessage(edit: Edit, outcome: ChangeOutcome): MessageRecord {
  const before = messageBefore(edit, outcome);
  const after: MessageRecord = {
    ...before,
    text: edit.text,
    version: before.version + 1,
    editedAt: outcome.createdAt,
  };
  return (edit.parts ?? []).reduce((shown, part) => part.shownBy(shown), after);
}

/** The message after its deletion. */
export function deletedMessage(deletion: Deletion, outcome: ChangeOutcome): MessageRecord {
  const before = messageBefore(deletion, outcome);
  const deletedAt = deletion.actorId === null ? before.expiresAt : outcome.createdAt;
  return { ...before, version: before.version + 1, deletedAt };
}

/** A message before its change, as `message_record` returns it. Times are in ms since 1970. */
type StoredRecord = Pick<
  MessageRecord,
  'seq' | 'authorId' | 'idempotencyKey' | 'replyToRoomSeq' | 'threadRootSeq' | 'threadSeq' | 'version'
> & {
  readonly createdAt: number;
  readonly editedAt: number | null;
  readonly deletedAt: number | null;
  readonly expiresAt: number | null;
  /** Whom it mentioned, where it did; of an edit, also whom it mentions now. */
  readonly mentions?: Mentions | ChangedMentions;
};

/** The message before its change, without its text. */
function messageBefore({ roomId, roomSeq }: MessageKey, { details }: ChangeOutcome): MessageRecord {
  const stored = details as StoredRecord;
  return {
    roomId,
    roomSeq,
    seq: stored.seq,
    authorId: stored.authorId,
    idempotencyKey: stored.idempotencyKey,
    text: null,
    replyToRoomSeq: stored.replyToRoomSeq,
    threadRootSeq: stored.threadRootSeq,
    threadSeq: stored.threadSeq,
    version: stored.version,
    createdAt: new Date(stored.createdAt),
    editedAt: dateOf(stored.editedAt),
    deletedAt: dateOf(stored.deletedAt),
    expiresAt: dateOf(stored.expiresAt),
  };
}

const dateOf = (ms: number | null) => (ms === null ? null : new Date(ms));

function eventOf(
  kind: string,
  { roomId, roomSeq, actorId }: Deletion,
  outcome: ChangeOutcome,
): Omit<RoomEvent, 'record' | 'people'> {
  return {
    roomId,
    roomSeq: outcome.roomSeq,
    kind,
    actorId,
    subject: roomSeq,
    messageSeq: outcome.messageSeq,
    createdAt: outcome.createdAt,
    facts: (outcome.details as StoredRecord).mentions ?? null,
  };
}

/** As apply_deletions stores them. */
function erasureFacts({ details }: ChangeOutcome): ErasureFacts {
  return { userIds: [], isEverybody: false, ...(details as StoredRecord).mentions, isErasure: true };
}

/** The user of the change, if there is one. */
function actorOf({ actorId, isErasure }: Deletion, outcome: ChangeOutcome): PersonRecord[] {
  if (actorId === null) return [];
  const { username, displayName, createdAt } = outcome;
  const deletedAt = isErasure ? createdAt : null;
  return [{ id: actorId, username: username ?? '', displayName: displayName ?? '', deletedAt }];
}

type StoredAuthor = Omit<PersonRecord, 'deletedAt'> & { readonly deletedAt: number | null };

/** The author of a message that another user deleted. */
function otherAuthorOf({ details }: ChangeOutcome): PersonRecord[] {
  const { author } = details as { readonly author?: StoredAuthor };
  return author ? [{ ...author, deletedAt: dateOf(author.deletedAt) }] : [];
}
