import DataLoader from 'dataloader';
import { type Context, perViewer, type SignedIn } from '../context.ts';
import { pairOf } from '../graphql/ids.ts';
import { ownList } from '../graphql/paging.ts';
import { MAX_TEXT } from '../messages/text.ts';
import { countCharacters } from '../platform/characters.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { noRoom } from '../rooms/refusals.ts';
import { requireKey, roomIdOf } from '../rooms/rooms.ts';
import {
  type DraftChange,
  type DraftPlace,
  type DraftRow,
  findDrafts,
  listDraftRows,
  setDraft,
} from './store.ts';

export type { DraftPlace, DraftRow } from './store.ts';

/** Maximum number of drafts of a user. The function `save_draft` uses the same number. */
export const MAX_DRAFTS = 200;

interface Target {
  readonly roomId: string;
  readonly threadRootId?: string | null | undefined;
  readonly expectedVersion?: number | null | undefined;
}

interface SaveDraft extends Target {
  readonly text: string;
  readonly quotedMessageId?: string | null | undefined;
  readonly idempotencyKey: string;
}

/** The place whose draft was saved or removed. */
export interface Saved extends DraftPlace {
  readonly accountSeq: number;
}

/** Saves the draft of a room or thread. Saving the same content again succeeds without an event. */
export async function saveDraft(ctx: SignedIn, input: SaveDraft): Promise<Saved> {
  const target = targetOf(input);
  const { roomId } = target;
  const quotedSeq = input.quotedMessageId
    ? messageIn(roomId, input.quotedMessageId, 'quotedMessageId')
    : null;
  const text = draftText(input.text, quotedSeq !== null);
  const content = { text, quotedSeq, idempotencyKey: requireKey(input.idempotencyKey) };
  return change(ctx, { ...target, content });
}

/** Removes the draft of a room or thread. Without a draft it succeeds without an event. */
export const deleteDraft = (ctx: SignedIn, input: Target): Promise<Saved> =>
  change(ctx, { ...targetOf(input), content: null });

async function change(ctx: SignedIn, draft: DraftChange): Promise<Saved> {
  const { node, viewer } = ctx;
  await node.limits.spend('change', viewer.userId);
  const { status, accountSeq, rootSeq } = await node.changes.run(`user ${viewer.userId}`, (sql) =>
    setDraft(sql, viewer.userId, draft),
  );
  const refusal = draftRefusals[status];
  if (refusal) throw refusal();
  if (status === 'OK') node.logFollower.announceAccounts([viewer.userId]);
  return { roomId: draft.roomId, rootSeq, accountSeq };
}

function targetOf({ roomId: id, threadRootId, expectedVersion }: Target) {
  const roomId = roomIdOf(id);
  const messageSeq = threadRootId ? messageIn(roomId, threadRootId, 'threadRootId') : null;
  if (typeof expectedVersion === 'number' && expectedVersion < 0)
    throw invalid('input.expectedVersion', 'The expected version must be 0 or more.');
  return { roomId, messageSeq, expectedVersion: expectedVersion ?? null };
}

/** @throws NotFoundError for a message of another room */
function messageIn(roomId: number, id: string, argument: string): number {
  const pair = pairOf('Message', id);
  if (pair?.[0] !== roomId) throw notInRoom(argument);
  return pair[1];
}

/** @throws ValidationError */
function draftText(text: string, hasQuote: boolean): string {
  if (text.trim() === '' && !hasQuote)
    throw invalid('input.text', 'A draft without a quote cannot be blank. Remove it with deleteDraft.');
  if (text.length > MAX_TEXT && countCharacters(text) > MAX_TEXT)
    throw invalid('input.text', `A draft can have at most ${MAX_TEXT} characters.`);
  return text;
}

const notInRoom = (argument: string) =>
  refuse('NOT_FOUND', 'This message does not exist in this room.', { path: ['input', argument] });

export const draftRefusals: StatusRefusals = {
  NOT_FOUND: () => noRoom(),
  NO_THREAD: () => notInRoom('threadRootId'),
  NO_QUOTE: () => notInRoom('quotedMessageId'),
  KEY_CONFLICT: () =>
    refuse('IDEMPOTENCY_CONFLICT', 'The message with this key was sent. Use a new key for a new draft.', {
      path: ['input', 'idempotencyKey'],
    }),
  VERSION: () =>
    refuse('CONFLICT', 'The draft has changed since this version.', { path: ['input', 'expectedVersion'] }),
  LIMIT: () => refuse('CONFLICT', `You can have at most ${MAX_DRAFTS} drafts. Send or remove one first.`),
};

// -- reading -------------------------------------------------------------------------------------

/** A page of the viewer's drafts, the last saved first. */
export const listDrafts = ownList('drafts', listDraftRows, ({ version }) => version);

const nameOf = ({ roomId, rootSeq }: DraftPlace) => `${roomId}.${rootSeq}`;

const ownLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<DraftPlace, DraftRow | null, string>(
      async (places) => {
        const rows = viewer ? await findDrafts(node.db.read, viewer.userId, places) : [];
        const found = new Map(rows.map((row) => [nameOf(row), row]));
        return places.map((place) => found.get(nameOf(place)) ?? null);
      },
      { cacheKeyFn: nameOf },
    ),
);

/** The viewer's draft in a room or thread as of now; null if there is none, or if it was sent. */
export const findOwnDraft = (ctx: Context, place: DraftPlace): Promise<DraftRow | null> =>
  ownLoader(ctx).load(place);
