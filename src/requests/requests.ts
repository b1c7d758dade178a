import type { Context, SignedIn } from '../context.ts';
import { pairOf } from '../graphql/ids.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import { countCharacters } from '../platform/characters.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { memberView, type RoomView, viewOrGone } from '../rooms/access.ts';
import { allows, rightsIn } from '../rooms/permissions.ts';
import { refusals } from '../rooms/refusals.ts';
import { announce, type Changed, inRoom, placesOf, roomIdOf } from '../rooms/rooms.ts';
import * as store from './store.ts';

/** Requests of one user that wait for an answer. The function `request_to_join` uses the same number. */
export const MAX_JOIN_REQUESTS = 20;
/** Requests for one room that wait for an answer. The function `request_to_join` uses the same number. */
export const MAX_ROOM_REQUESTS = 1_000;
/**
 * Seconds until a user can ask for the same room again: after taking a request back, and after it was declined. The functions
 * `cancel_join_request` and `answer_join_request` use the same numbers.
 */
export const requestPauses = { TAKEN_BACK: 600, DECLINED: 86_400 } as const;
/** Characters of the text of a request. */
export const MAX_REQUEST_TEXT = 300;

export type { RequestRow } from './store.ts';

export const requestRefusals: StatusRefusals = {
  ...refusals,
  OPEN: () => refuse('CONFLICT', 'This room is open: join it.'),
  NOT_OPEN: () => refuse('CONFLICT', 'This room has no requests: members invite others.'),
  OTHERS_FULL: () =>
    refuse('CONFLICT', 'This user has reached the limit of rooms.', { path: ['input', 'requestId'] }),
  LIMIT: () =>
    refuse('CONFLICT', `You can wait for at most ${MAX_JOIN_REQUESTS} answers. Take a request back first.`),
  QUEUE_FULL: () =>
    refuse('CONFLICT', `${MAX_ROOM_REQUESTS} users wait for an answer of this room already. Ask later.`),
  PAUSED: (outcome) => {
    const { retryAfterMs } = outcome as store.Asked;
    const text = 'Your last request for this room was taken back or declined. Wait before you ask again.';
    return refuse('RATE_LIMITED', text, { ...(retryAfterMs && { retryAfterMs }) });
  },
};

const noRequest = () =>
  refuse('NOT_FOUND', 'This request does not exist, or was answered.', { path: ['input', 'requestId'] });

function done(outcome: store.Outcome): store.Outcome {
  const refusal = requestRefusals[outcome.status];
  if (refusal) throw refusal(outcome);
  return outcome;
}

/** A room, and the viewer's request for it. It does not say how far the log goes: the viewer is no member. */
export interface Requested {
  readonly room: RoomView;
  /** Null for a member. */
  readonly request: store.RequestRow | null;
}

/** Asks to become a member of a public room. The same request again changes nothing. */
export async function requestToJoin(
  ctx: SignedIn,
  input: { readonly roomId: string; readonly text?: string | null | undefined },
): Promise<Requested> {
  const { node, viewer } = ctx;
  const [roomId, text] = [roomIdOf(input.roomId), requestText(input.text ?? '')];
  await node.limits.spend('change', viewer.userId);
  const { status, roomSeq } = done(
    await inRoom(ctx, roomId, (sql) => store.insertRequest(sql, roomId, viewer.userId, text)),
  );
  if (status === 'OK') announce(ctx, roomId, roomSeq, [viewer.userId]);
  const request = await store.findRequest(node.db.read, roomId, viewer.userId);
  return { room: await viewOrGone(ctx, roomId), request };
}

/** @throws ValidationError */
function requestText(text: string): string {
  if (countCharacters(text) > MAX_REQUEST_TEXT)
    throw invalid('input.text', `A request can have at most ${MAX_REQUEST_TEXT} characters.`);
  return text.trim();
}

/** Takes the viewer's request back, if there is one. */
export async function cancelJoinRequest(
  ctx: SignedIn,
  input: { readonly roomId: string },
): Promise<{ room: RoomView }> {
  const [roomId, { userId }] = [roomIdOf(input.roomId), ctx.viewer];
  await ctx.node.limits.spend('change', userId);
  const { status, roomSeq } = done(
    await inRoom(ctx, roomId, (sql) => store.removeRequest(sql, roomId, userId)),
  );
  if (status === 'OK') announce(ctx, roomId, roomSeq, [userId]);
  return { room: await viewOrGone(ctx, roomId) };
}

/** Makes the user of a request a member, or declines. It needs ADD_MEMBERS. */
export async function answerJoinRequest(
  ctx: SignedIn,
  input: { readonly requestId: string; readonly isAccepted: boolean },
): Promise<Changed> {
  const { viewer } = ctx;
  const [roomId, userId] = pairOf('JoinRequest', input.requestId) ?? [];
  if (roomId === undefined || userId === undefined) throw noRequest();
  await ctx.node.limits.spend('change', viewer.userId);
  const { isAccepted } = input;
  const answer = { roomId, userId, actorId: viewer.userId, isAccepted, maxRooms: placesOf(ctx).own };
  const outcome = await inRoom(ctx, roomId, (sql) => store.answerRequest(sql, answer));
  if (outcome.status === 'NOT_FOUND') throw noRequest();
  const { roomSeq } = done(outcome);
  announce(ctx, roomId, roomSeq, [userId]);
  return { room: memberView(roomId), roomSeq };
}

// -- reading -----------------------------------------------------------------------------------

/** Whether the viewer may answer requests of that room, and so see them. */
async function mayAnswer(ctx: Context, roomId: number): Promise<boolean> {
  const rights = await rightsIn(ctx, roomId);
  return rights !== null && !ctx.viewer?.isGuest && allows(rights, 'ADD_MEMBERS');
}

/** Returns a request that the viewer has made or may answer; null for all others. */
export async function findVisibleRequest(
  ctx: Context,
  roomId: number,
  userId: number,
): Promise<store.RequestRow | null> {
  if (ctx.viewer?.userId !== userId && !(await mayAnswer(ctx, roomId))) return null;
  return store.findRequest(ctx.node.db.read, roomId, userId);
}

const requestKeys = listKeys('joinRequests', 'number');

/** The requests of a room by user id; null if the viewer may not answer them. */
export async function listRequests(
  ctx: Context,
  { roomId }: RoomView,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<Connection<store.RequestRow> | null> {
  if (!(await mayAnswer(ctx, roomId))) return null;
  const page = pageOf(args, (cursor) => requestKeys.decode(cursor)?.[0] ?? null, { size: PAGE_SIZE });
  const rows = await store.listRequests(ctx.node.db.read, roomId, page.after ?? 0, page.size + 1);
  return connectionOf(rows, page, ({ userId }) => requestKeys.encode(userId));
}

/** The viewer's own requests, the oldest first. */
export function listOwnRequests({ node, viewer }: SignedIn): Promise<store.RequestRow[]> {
  return store.listOwnRequests(node.db.read, viewer.userId);
}
