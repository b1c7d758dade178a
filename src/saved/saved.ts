import type { Context, SignedIn } from '../context.ts';
import { type MessageKey, pairOf } from '../graphql/ids.ts';
import { ownList } from '../graphql/paging.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { refuse } from '../platform/errors.ts';
import { ownSavedLoader } from './savers.ts';
import { listSavedRows, type SavedRow, setSaved } from './store.ts';

/** Maximum of saved messages of a user. The function `save_message` uses the same number. */
export const MAX_SAVED = 1_000;

interface Target {
  readonly messageId: string;
}

export interface Saved extends MessageKey {
  readonly accountSeq: number;
}

/** Saving a saved message succeeds without an event. */
export const saveMessage = (ctx: SignedIn, input: Target): Promise<Saved> => change(ctx, input, true);

/** Removing a message that is not saved succeeds without an event, if the viewer may see it. */
export const unsaveMessage = (ctx: SignedIn, input: Target): Promise<Saved> => change(ctx, input, false);

async function change(ctx: SignedIn, { messageId }: Target, isSaved: boolean): Promise<Saved> {
  const [roomId, roomSeq] = pairOf('Message', messageId) ?? [];
  if (roomId === undefined || roomSeq === undefined) throw noMessage();
  const { node, viewer } = ctx;
  const place = { roomId, roomSeq };
  await node.limits.spend('change', viewer.userId);
  const { status, accountSeq } = await node.changes.run(`user ${viewer.userId}`, (sql) =>
    setSaved(sql, viewer.userId, place, isSaved),
  );
  const refusal = savedRefusals[status];
  if (refusal) throw refusal();
  if (status === 'OK') node.logFollower.announceAccounts([viewer.userId]);
  return { ...place, accountSeq };
}

const noMessage = () =>
  refuse('NOT_FOUND', 'This message does not exist, or you may not see it.', {
    path: ['input', 'messageId'],
  });

export const savedRefusals: StatusRefusals = {
  NOT_FOUND: noMessage,
  DELETED: () => refuse('CONFLICT', 'The message was deleted.'),
  LIMIT: () => refuse('CONFLICT', `You can save at most ${MAX_SAVED} messages. Remove one first.`),
};

/** A page of the viewer's saved messages, the last saved first. */
export const listSaved = ownList('saved', listSavedRows, ({ saveSeq }) => saveSeq);

/** The viewer's entry of a message as of now; null if it is not saved. */
export const findOwnSaved = (ctx: Context, place: MessageKey): Promise<SavedRow | null> =>
  ownSavedLoader(ctx).load(place);
