import type { DraftsQuery } from './generated/documents.ts';
import type { DraftEntry, Model } from './model.ts';
import type { Room } from './reducer.ts';

type Entries = Model['drafts'];
type Answer = NonNullable<DraftsQuery['viewer']>['drafts']['nodes'][number];

/** A draft as a tab writes it. An empty text without a quoted message removes it. */
export type NewDraft = Pick<DraftEntry, 'roomId' | 'threadRootId' | 'text' | 'quotedMessageId' | 'key'>;

/** Names the room or thread. */
export const placeOf = ({ roomId, threadRootId }: Pick<DraftEntry, 'roomId' | 'threadRootId'>): string =>
  `${roomId} ${threadRootId ?? ''}`;

export const isEmpty = ({ text, quotedMessageId }: Pick<DraftEntry, 'text' | 'quotedMessageId'>): boolean =>
  text.trim() === '' && quotedMessageId === null;

/** Stores what was written on this device, as a change that the server does not have yet. */
export function withDraft(model: Model, draft: NewDraft): Model {
  const held = model.drafts[placeOf(draft)];
  if (!held && isEmpty(draft)) return model;
  return putEntry(model, {
    ...draft,
    updatedAt: new Date().toISOString(),
    version: held?.version ?? 0,
    status: 'changed',
  });
}

function putEntry(model: Model, entry: DraftEntry): Model {
  return { ...model, drafts: { ...model.drafts, [placeOf(entry)]: entry } };
}

export function removeDraft(model: Model, place: string): Model {
  const { [place]: _removed, ...drafts } = model.drafts;
  return { ...model, drafts };
}

/**
 * Takes the answer to an entry that was sent. If the entry has changed meanwhile, only its version counts: the change is
 * sent next.
 */
export function answerDraft(model: Model, sent: DraftEntry, answer: Partial<DraftEntry> | null): Model {
  const place = placeOf(sent);
  const held = model.drafts[place];
  if (!held) return model;
  if (held !== sent) return putEntry(model, { ...held, version: answer?.version ?? 0 });
  return answer ? putEntry(model, { ...held, ...answer }) : removeDraft(model, place);
}

/** Takes the drafts of the server, except where this device has one that the server does not have. */
export function mergeDrafts(model: Model, answers: readonly Answer[]): Model {
  const drafts: Record<string, DraftEntry> = {};
  for (const answer of answers) {
    const entry = entryOf(answer);
    drafts[placeOf(entry)] = entry;
  }
  for (const [place, entry] of Object.entries(model.drafts))
    if (entry.status !== 'saved') drafts[place] = entry;
  return { ...model, drafts: keepSame(model.drafts, drafts) };
}

function entryOf({ room, quotedMessage, idempotencyKey: key, ...draft }: Answer): DraftEntry {
  return { ...draft, roomId: room.id, quotedMessageId: quotedMessage?.id ?? null, key, status: 'saved' };
}

/** Equal entries stay the same objects. */
function keepSame(before: Entries, after: Entries): Entries {
  const same = Object.entries(after).map(([place, entry]) => {
    const held = before[place];
    return [place, held && held.version === entry.version && held.status === entry.status ? held : entry];
  });
  return Object.fromEntries(same);
}

/** The text of the viewer's message with that key; undefined if the state does not show one. */
export function textSent(room: Room, viewerId: string, key: string): string | null | undefined {
  return Object.values(room.messages).find(
    ({ authorId, idempotencyKey }) => idempotencyKey === key && authorId === viewerId,
  )?.text;
}
