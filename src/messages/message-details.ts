import type { ChangeOutcome } from '../changes/kind.ts';
import type { PersonRecord } from '../eventlog/kinds.ts';
import type { MessageRecord } from './events.ts';
import type { MessageKey } from './store.ts';

type StoredDates = 'createdAt' | 'editedAt' | 'deletedAt' | 'expiresAt';

/** The details of a change that leaves the text of a message as it is. Times are in ms since 1970. */
export interface MessageDetails {
  readonly message: Omit<MessageRecord, 'text' | StoredDates> & Record<StoredDates, number | null>;
  readonly text: string;
  /** Null if the actor is the author. */
  readonly author: (Omit<PersonRecord, 'deletedAt'> & { readonly deletedAt: number | null }) | null;
}

const dateOf = (ms: number | null) => (ms === null ? null : new Date(ms));

/** The message of such a change. */
export function messageIn({ roomId, roomSeq }: MessageKey, { details }: ChangeOutcome): MessageRecord {
  const { message: stored, text } = details as MessageDetails;
  return {
    ...stored,
    text,
    roomId,
    roomSeq,
    createdAt: new Date(stored.createdAt ?? 0),
    editedAt: dateOf(stored.editedAt),
    deletedAt: dateOf(stored.deletedAt),
    expiresAt: dateOf(stored.expiresAt),
  };
}

/** The users that its event names: the actor and the author of the message. */
export function peopleIn({ actorId }: { readonly actorId: number }, outcome: ChangeOutcome): PersonRecord[] {
  const { username, displayName, details } = outcome;
  const { author } = details as MessageDetails;
  const actor = { id: actorId, username: username ?? '', displayName: displayName ?? '', deletedAt: null };
  return author ? [actor, { ...author, deletedAt: dateOf(author.deletedAt) }] : [actor];
}
