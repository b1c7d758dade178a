import DataLoader from 'dataloader';
import { type ChangeKind, type ChangeOutcome, changeStatus } from '../changes/kind.ts';
import { makeChange } from '../changes/make-change.ts';
import { requireDone } from '../changes/outcomes.ts';
import { type Context, perScope, type SignedIn } from '../context.ts';
import type { PersonRecord } from '../eventlog/kinds.ts';
import { pairOf } from '../graphql/ids.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import {
  type RoomView,
  viewerMembership,
  viewOrGone,
  viewRoom,
  visibleFromRoomSeq,
  visibleFromSeq,
} from '../rooms/access.ts';
import { announceDirectRoom } from '../rooms/members.ts';
import { noRoom, roomArchived, sendingRefusals, slowModeRefusals } from '../rooms/refusals.ts';
import { fingerprintOf, requireKey, roomIdOf } from '../rooms/rooms.ts';
import { type Deletion, deletedMessage, deletionKind, type Edit, editedMessage, editKind } from './edits.ts';
import type { MessageRecord } from './events.ts';
import { mentionedNames } from './mention-names.ts';
import {
  type MessageWithParts,
  messageWithParts,
  messageWithPartsKind,
  type NewPart,
  partsJson,
} from './parts.ts';
import { messageOf, type Post, post, postKind } from './posts.ts';
import { type Reply, replyKind, replyOf } from './replies.ts';
import { findMessages, type MessageKey } from './store.ts';
import { messageText } from './text.ts';

const nameOf = ({ roomId, roomSeq }: MessageKey) => `${roomId}.${roomSeq}`;

const loader = perScope(
  (ctx) =>
    new DataLoader<MessageKey, MessageRecord | null, string>(
      async (keys) => {
        const rows = await findMessages(
          ctx.node.db.read,
          keys.map(({ roomId }) => roomId),
          keys.map(({ roomSeq }) => roomSeq),
        );
        const found = new Map(rows.map((row) => [nameOf(row), row]));
        return keys.map((key) => found.get(nameOf(key)) ?? null);
      },
      { cacheKeyFn: nameOf },
    ),
);

/** Loads a message of a room that the viewer is a member of; null if it is from before the visible history. */
export async function loadMessage(ctx: Context, key: MessageKey): Promise<MessageRecord | null> {
  const [row, from] = await Promise.all([loader(ctx).load(key), visibleFromSeq(ctx, key.roomId)]);
  if (!row) return null;
  const isVisible =
    row.seq === null ? row.roomSeq >= (await visibleFromRoomSeq(ctx, key.roomId)) : row.seq >= from;
  return isVisible ? row : null;
}

/** Finds a message by its id; null if the viewer may not see it. */
export async function findMessage(ctx: Context, key: MessageKey): Promise<MessageRecord | null> {
  const [view, member] = await Promise.all([viewRoom(ctx, key.roomId), viewerMembership(ctx, key.roomId)]);
  return view && member ? loadMessage(ctx, key) : null;
}

/** Loads a message that is known to exist and to be visible. */
export async function reloadMessage(ctx: Context, key: MessageKey): Promise<MessageRecord> {
  const row = await loader(ctx).load(key);
  if (!row) throw new Error(`message ${nameOf(key)} is gone`);
  return row;
}

// -- sending -----------------------------------------------------------------------------------

interface SendMessage {
  readonly roomId: string;
  readonly text: string;
  readonly idempotencyKey: string;
  readonly replyToId?: string | null | undefined;
  readonly threadRootId?: string | null | undefined;
  readonly alsoSendToRoom?: boolean | null | undefined;
}

/** A message; with its author if that was read too, and with the view of its room if the viewer may have left it. */
export type ShownMessage = MessageRecord & { readonly author?: PersonRecord; readonly room?: RoomView };

export interface Sent {
  readonly message: ShownMessage;
  readonly replayed: boolean;
  readonly roomSeq: number;
}

/**
 * A repetition with the same key returns the first message (`replayed`); with other content it is refused. `textPath` is the
 * field of the input that has the text.
 */
export async function sendMessage(
  ctx: SignedIn,
  input: SendMessage,
  parts: readonly NewPart[] = [],
  textPath = 'input.text',
): Promise<Sent> {
  const roomId = roomIdOf(input.roomId);
  const [text, key] = [messageText(input.text, textPath), requireKey(input.idempotencyKey)];
  const replyToRoomSeq = quotedIn(roomId, input.replyToId);
  const thread = threadOf(roomId, input);
  const mentions = mentionedNames(text, textPath);
  await ctx.node.limits.spend('post', ctx.viewer.userId);

  // Access, key and number are decided under the room's lock; a check here could be outdated then.
  const content: (string | number | null)[] = [roomId, text, replyToRoomSeq];
  if (thread) content.push(thread.rootSeq, `${thread.isInRoom}`);
  if (parts.length > 0) content.push(partsJson(parts));
  const fingerprint = fingerprintOf(...content);
  const message = { roomId, authorId: ctx.viewer.userId, key, fingerprint, text, replyToRoomSeq, mentions };
  if (parts.length > 0) return sendWithParts(ctx, { ...message, thread, parts });
  return thread ? sendReply(ctx, { ...message, ...thread }) : sendPost(ctx, message);
}

async function sendPost(ctx: SignedIn, message: Post): Promise<Sent> {
  const outcome = requireDone(await post(ctx.node, postKind, message), postRefusals);
  if (outcome.status === changeStatus.REPLAYED) return replayed(ctx, message.roomId, outcome);
  if (outcome.messageSeq === 1) await announceDirectRoom(ctx, message.roomId);
  return { message: messageOf(message, outcome), replayed: false, roomSeq: outcome.roomSeq };
}

async function sendReply(ctx: SignedIn, reply: Reply): Promise<Sent> {
  const outcome = requireDone(await post(ctx.node, replyKind, reply), replyRefusals);
  if (outcome.status === changeStatus.REPLAYED) return replayed(ctx, reply.roomId, outcome);
  return { message: replyOf(reply, outcome), replayed: false, roomSeq: outcome.roomSeq };
}

/** Sends a message with its parts; their refusals are added to those of a reply. */
export async function sendWithParts(ctx: SignedIn, message: MessageWithParts): Promise<Sent> {
  const refusals = Object.assign({}, replyRefusals, ...message.parts.map((part) => part.refusals));
  const outcome = requireDone(await post(ctx.node, messageWithPartsKind, message), refusals);
  if (outcome.status === changeStatus.REPLAYED) return replayed(ctx, message.roomId, outcome);
  if (!message.thread && outcome.messageSeq === 1) await announceDirectRoom(ctx, message.roomId);
  return { message: messageWithParts(message, outcome), replayed: false, roomSeq: outcome.roomSeq };
}

/** The `roomSeq` of the quoted message, if there is one. */
const quotedIn = (roomId: number, replyToId: string | null | undefined) =>
  replyToId ? messageIn(roomId, replyToId, 'replyToId') : null;

/** @throws ValidationError where a message is to be sent to the room in any case */
export function threadOf(
  roomId: number,
  { threadRootId, alsoSendToRoom }: Pick<SendMessage, 'threadRootId' | 'alsoSendToRoom'>,
) {
  if (threadRootId)
    return { rootSeq: messageIn(roomId, threadRootId, 'threadRootId'), isInRoom: alsoSendToRoom === true };
  if (alsoSendToRoom)
    throw invalid('input.alsoSendToRoom', 'Only a reply in a thread can also be sent to the room.');
  return null;
}

// A known key is also answered for a user who has left since: with the own message, not with the room.
async function replayed(ctx: Context, roomId: number, { roomSeq }: ChangeOutcome): Promise<Sent> {
  const [message, room] = await Promise.all([
    reloadMessage(ctx, { roomId, roomSeq }),
    viewOrGone(ctx, roomId),
  ]);
  const shown = room.access === 'member' ? message : { ...message, replyToRoomSeq: null, room };
  return { message: shown, replayed: true, roomSeq };
}

/** @throws NotFoundError for a message of another room */
function messageIn(roomId: number, id: string, argument: string): number {
  const pair = pairOf('Message', id);
  if (pair?.[0] !== roomId) throw notInRoom(argument);
  return pair[1];
}

const notInRoom = (argument: string) =>
  refuse('NOT_FOUND', 'This message does not exist in this room.', { path: ['input', argument] });

const postRefusals: StatusRefusals = {
  KEY_CONFLICT: () => refuse('IDEMPOTENCY_CONFLICT', undefined, { path: ['input', 'idempotencyKey'] }),
  ...sendingRefusals,
  ...slowModeRefusals,
  NOT_FOUND: () => noRoom(),
  ARCHIVED: roomArchived,
  NO_QUOTE: () => notInRoom('replyToId'),
};

const replyRefusals: StatusRefusals = {
  ...postRefusals,
  NO_THREAD: () => notInRoom('threadRootId'),
  DELETED: () => refuse('CONFLICT', 'The message was deleted.', { path: ['input', 'threadRootId'] }),
};

// -- changing ----------------------------------------------------------------------------------

export interface ChangedMessage {
  readonly message: MessageRecord;
  readonly roomSeq: number;
}

interface EditMessage {
  readonly messageId: string;
  readonly text: string;
  readonly expectedVersion?: number | null | undefined;
}

/** Changes the viewer's own message, and replaces those of its parts. With `expectedVersion`, only if it still has this version. */
export async function editMessage(
  ctx: SignedIn,
  input: EditMessage,
  parts: readonly NewPart[] = [],
): Promise<ChangedMessage> {
  const text = messageText(input.text);
  const edit = {
    ...own(ctx, input.messageId),
    text,
    expectedVersion: input.expectedVersion ?? null,
    mentions: mentionedNames(text),
    parts,
  };
  return change(ctx, { kind: editKind, change: edit, refusals: editRefusals, messageOf: editedMessage });
}

/** Leaves a tombstone: the number stays, the text is removed. */
export async function deleteMessage(
  ctx: SignedIn,
  input: { readonly messageId: string },
): Promise<ChangedMessage> {
  const deletion = own(ctx, input.messageId);
  return change(ctx, {
    kind: deletionKind,
    change: deletion,
    refusals: deletionRefusals,
    messageOf: deletedMessage,
  });
}

/** The viewer's change of that message. */
function own({ viewer }: SignedIn, id: string): MessageKey & { readonly actorId: number } {
  const pair = pairOf('Message', id);
  if (!pair) throw noMessage();
  return { roomId: pair[0], roomSeq: pair[1], actorId: viewer.userId };
}

interface MessageChange<Change extends Edit | Deletion> {
  readonly kind: ChangeKind<Change>;
  readonly change: Change;
  readonly refusals: StatusRefusals;
  readonly messageOf: (change: Change, outcome: ChangeOutcome) => MessageRecord;
}

async function change<Change extends Edit | Deletion>(
  ctx: SignedIn,
  { kind, change, refusals, messageOf }: MessageChange<Change>,
): Promise<ChangedMessage> {
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const outcome = requireDone(await makeChange(ctx.node, kind, change), refusals);
  const isMade = outcome.status === changeStatus.OK;
  const message = isMade ? messageOf(change, outcome) : await reloadMessage(ctx, change);
  return { message, roomSeq: outcome.roomSeq };
}

const noMessage = () =>
  refuse('NOT_FOUND', 'This message does not exist, or you may not see it.', {
    path: ['input', 'messageId'],
  });

const refusalsOfBoth = {
  NOT_FOUND: noMessage,
  ARCHIVED: roomArchived,
};

const editRefusals: StatusRefusals = {
  ...refusalsOfBoth,
  ...sendingRefusals,
  NOT_AUTHOR: () => refuse('PERMISSION_DENIED', 'Only the author can edit a message.'),
  DELETED: () => refuse('CONFLICT', 'The message was deleted.'),
  VERSION: () =>
    refuse('CONFLICT', 'The message has changed since this version.', { path: ['input', 'expectedVersion'] }),
};

const deletionRefusals: StatusRefusals = {
  ...refusalsOfBoth,
  FORBIDDEN: () => refuse('PERMISSION_DENIED', 'Your role does not allow deleting this message.'),
};

/** What the statuses of each kind of change mean to a client. */
export const messageRefusals = {
  post: postRefusals,
  reply: replyRefusals,
  edit: editRefusals,
  deletion: deletionRefusals,
};
