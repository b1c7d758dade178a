import { hash } from 'node:crypto';
import type { SignedIn } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import { countCharacters, isReadableName, UNREADABLE_NAME } from '../platform/characters.ts';
import { roomKinds } from '../platform/database-codes.ts';
import type { Sql } from '../platform/db.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { memberView, type RoomView, viewOrGone } from './access.ts';
import * as changes from './changes.store.ts';
import { requireLifetime } from './lifetime.ts';
import * as memberStore from './members.store.ts';
import { accepted, noRoom } from './refusals.ts';

export const MAX_DIRECT_MEMBERS = 10;
const NAME_LENGTH = { min: 3, max: 100 };
const MAX_DESCRIPTION = 1_000;
const MAX_KEY = 128;
// The rest is reserved for rooms that the user joins, so that others cannot use up all places.
const SHARE_OF_OTHERS = 0.9;

export interface Changed {
  readonly room: RoomView;
  readonly roomSeq: number;
}

/** Returns the number in the id of a room. Any other id counts as that of a room that does not exist. */
export function roomIdOf(id: string, path = ['input', 'roomId']): number {
  const roomId = idOf('Room', id);
  if (roomId === null) throw noRoom(path);
  return roomId;
}

/** @throws ValidationError */
export function requireKey(key: string): string {
  if (key === '' || countCharacters(key) > MAX_KEY)
    throw invalid('input.idempotencyKey', `An idempotency key must have 1 to ${MAX_KEY} characters.`);
  return key;
}

/** A digest of the input with 128 bits, as a uuid: the same key must have the same input. */
export function fingerprintOf(...input: (string | number | null)[]): string {
  // PostgreSQL also accepts a uuid without dashes.
  return hash('sha256', JSON.stringify(input)).slice(0, 32);
}

function roomName(name: string): string {
  const trimmed = name.trim();
  const length = countCharacters(trimmed);
  if (length < NAME_LENGTH.min || length > NAME_LENGTH.max) {
    throw invalid('input.name', `A room name must have ${NAME_LENGTH.min} to ${NAME_LENGTH.max} characters.`);
  }
  if (!isReadableName(trimmed)) throw invalid('input.name', UNREADABLE_NAME);
  return trimmed;
}

function roomDescription(description: string): string {
  if (countCharacters(description) > MAX_DESCRIPTION)
    throw invalid('input.description', `A description can have at most ${MAX_DESCRIPTION} characters.`);
  return description.trim();
}

/** How many rooms each user can be in. */
export function placesOf({ node }: SignedIn): changes.Places {
  const { MAX_ROOMS_PER_USER: own } = node.settings;
  return { own, byOthers: Math.max(1, Math.floor(own * SHARE_OF_OTHERS)) };
}

/** Announces a change to all nodes, after its commit. */
export function announce(
  ctx: SignedIn,
  roomId: number,
  roomSeq: number,
  userIds: readonly number[] = [],
): void {
  ctx.node.logFollower.announceRoom(roomId, roomSeq);
  ctx.node.logFollower.announceAccounts(userIds);
}

interface CreateRoom {
  readonly name: string;
  readonly kind: keyof typeof roomKinds;
  readonly description?: string | null | undefined;
  readonly idempotencyKey: string;
}

/** Creates a room with the viewer as its owner. A repetition with the same key returns the first one. */
export async function createRoom(ctx: SignedIn, input: CreateRoom): Promise<Changed & { replayed: boolean }> {
  if (input.kind === 'DIRECT') throw invalid('input.kind', 'Use openDirectRoom for direct rooms.');
  const [name, key] = [roomName(input.name), requireKey(input.idempotencyKey)];
  const description = input.description ? roomDescription(input.description) || null : null;
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const kind = roomKinds[input.kind];
  const row = accepted(
    await ctx.node.changes.run(`user ${ctx.viewer.userId}`, (sql) =>
      changes.insertRoom(sql, placesOf(ctx), ctx.viewer.userId, {
        kind,
        name,
        description,
        key,
        fingerprint: fingerprintOf(kind, name, description),
      }),
    ),
  );
  const replayed = row.status === 'REPLAYED';
  if (!replayed) announce(ctx, row.roomId, row.roomSeq, [ctx.viewer.userId]);
  // The creator may have left since.
  const room = replayed ? await viewOrGone(ctx, row.roomId) : memberView(row.roomId);
  return { room, roomSeq: row.roomSeq, replayed };
}

/** Opens the direct room of the viewer and these users, or returns the existing one. */
export async function openDirectRoom(
  ctx: SignedIn,
  input: { readonly userIds: readonly string[] },
): Promise<Changed> {
  if (input.userIds.length > MAX_DIRECT_MEMBERS)
    throw invalid('input.userIds', `A direct room can have at most ${MAX_DIRECT_MEMBERS} members.`);
  const userIds = new Set(userIdsOf(input.userIds)).add(ctx.viewer.userId);
  if (userIds.size > MAX_DIRECT_MEMBERS)
    throw invalid('input.userIds', `A direct room can have at most ${MAX_DIRECT_MEMBERS} members.`);
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const people = [...userIds].sort((a, b) => a - b);
  const row = await ctx.node.changes.run(`direct ${people.join()}`, (sql) =>
    changes.insertDirectRoom(sql, placesOf(ctx), ctx.viewer.userId, people),
  );
  accepted(row.status === 'NOT_FOUND' ? { ...row, status: 'NO_USER' } : row);
  announce(ctx, row.roomId, row.roomSeq, [ctx.viewer.userId]);
  return { room: memberView(row.roomId), roomSeq: row.roomSeq };
}

/** @throws NotFoundError naming the element that is not the id of a user */
export function userIdsOf(ids: readonly string[]): number[] {
  return ids.map((id, index) => {
    const userId = idOf('User', id);
    if (userId === null)
      throw refuse('NOT_FOUND', 'This user does not exist.', { path: ['input', 'userIds', String(index)] });
    return userId;
  });
}

interface UpdateRoom {
  readonly roomId: string;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly messageLifetimeSeconds?: number | null | undefined;
}

/** Changes the given values; null or no value keeps a value, an empty description and a lifetime of 0 remove it. */
export async function updateRoom(ctx: SignedIn, input: UpdateRoom): Promise<Changed> {
  const roomId = roomIdOf(input.roomId);
  const name = typeof input.name === 'string' ? roomName(input.name) : null;
  const description = typeof input.description === 'string' ? roomDescription(input.description) : null;
  const messageLifetime = newLifetime(input.messageLifetimeSeconds ?? null);
  return change(ctx, roomId, (sql) =>
    changes.updateRoomRow(sql, roomId, ctx.viewer.userId, { name, description, messageLifetime }),
  );
}

/** @throws ValidationError */
const newLifetime = (seconds: number | null) =>
  seconds === null || seconds === 0 ? seconds : requireLifetime(seconds, 'input.messageLifetimeSeconds');

/** Makes a room read-only permanently. */
export async function archiveRoom(ctx: SignedIn, input: { readonly roomId: string }): Promise<Changed> {
  const roomId = roomIdOf(input.roomId);
  return change(ctx, roomId, (sql) => changes.archiveRoomRow(sql, roomId, ctx.viewer.userId));
}

/** Ends the access of all members; the log stays as a tombstone. */
export async function deleteRoom(
  ctx: SignedIn,
  input: { readonly roomId: string },
): Promise<{ roomId: string; roomSeq: number }> {
  const roomId = roomIdOf(input.roomId);
  const userIds = await memberStore.listMemberIds(ctx.node.db.read, roomId);
  const { roomSeq } = await change(ctx, roomId, (sql) =>
    changes.deleteRoomRow(sql, roomId, ctx.viewer.userId),
  );
  ctx.node.logFollower.announceAccounts(userIds);
  return { roomId: input.roomId, roomSeq };
}

/** Runs changes of a room one after the other, until a deadline for its lock. */
export function inRoom<Result>(
  { node }: SignedIn,
  roomId: number,
  call: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  return node.changes.run(`room ${roomId}`, call);
}

async function change(
  ctx: SignedIn,
  roomId: number,
  call: (sql: Sql) => Promise<changes.Outcome>,
): Promise<Changed> {
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const { roomSeq } = accepted(await inRoom(ctx, roomId, call));
  announce(ctx, roomId, roomSeq);
  return { room: memberView(roomId), roomSeq };
}
