import DataLoader from 'dataloader';
import { changeStatus } from '../changes/kind.ts';
import { makeChange } from '../changes/make-change.ts';
import { requireDone } from '../changes/outcomes.ts';
import { type Context, perViewer, type SignedIn } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  type Page,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import { roles } from '../platform/database-codes.ts';
import { full, invalid, refuse } from '../platform/errors.ts';
import { membershipLoader, memberView, type RoomView } from './access.ts';
import * as changes from './changes.store.ts';
import { answeredBy, joinedMember, joinKind } from './joins.ts';
import * as memberStore from './members.store.ts';
import { reasonOf } from './reasons.ts';
import { accepted, refusals } from './refusals.ts';
import {
  announce,
  type Changed,
  inRoom,
  MAX_DIRECT_MEMBERS,
  placesOf,
  roomIdOf,
  userIdsOf,
} from './rooms.ts';

export type Role = keyof typeof roles;
export const MEMBERS_PAGE_SIZE = 50;
export const MAX_ADDED = 100;

export type Membership = memberStore.Membership;

export function roleOf(rank: number): Role {
  const found = Object.entries(roles).find(([, value]) => value === rank);
  if (!found) throw new Error(`there is no role of rank ${rank}`);
  return found[0] as Role;
}

/** @throws NotFoundError */
export function userIdOf(id: string): number {
  const userId = idOf('User', id);
  if (userId === null) throw refuse('NOT_FOUND', 'This user does not exist.', { path: ['input', 'userId'] });
  return userId;
}

/** @throws ConflictError if it has ended since the change */
export async function membershipAfter(ctx: Context, roomId: number, userId: number): Promise<Membership> {
  const row = await membershipLoader(ctx).load({ roomId, userId });
  // Another user removed the member between the change and this read.
  if (!row) throw refuse('CONFLICT', 'The membership has ended.');
  return row;
}

/** FULL means the numbers of the room; other statuses have their usual meaning. */
export const joinRefusals = { ...refusals, FULL: full };

/** Makes the viewer a member of a public room. */
export async function joinRoom(
  ctx: SignedIn,
  input: { readonly roomId: string },
): Promise<Changed & { membership: Membership }> {
  const [roomId, userId] = [roomIdOf(input.roomId), ctx.viewer.userId];
  await ctx.node.limits.spend('change', userId);
  const join = { roomId, userId, maxRooms: placesOf(ctx).own };
  const outcome = requireDone(await makeChange(ctx.node, joinKind, join), joinRefusals);
  const isMade = outcome.status === changeStatus.OK;
  const answeredSeq = isMade ? answeredBy(outcome) : null;
  if (answeredSeq !== null) announce(ctx, roomId, answeredSeq);
  const membership = isMade ? joinedMember(join, outcome) : await membershipAfter(ctx, roomId, userId);
  return { room: memberView(roomId), membership, roomSeq: outcome.roomSeq };
}

/** Ends the viewer's membership. The last owner must name a successor first. */
export async function leaveRoom(
  ctx: SignedIn,
  input: { readonly roomId: string },
): Promise<{ roomId: string; roomSeq: number }> {
  const [roomId, userId] = [roomIdOf(input.roomId), ctx.viewer.userId];
  await ctx.node.limits.spend('change', userId);
  const { roomSeq } = accepted(await inRoom(ctx, roomId, (sql) => changes.deleteMember(sql, roomId, userId)));
  announce(ctx, roomId, roomSeq, [userId]);
  return { roomId: input.roomId, roomSeq };
}

interface AddMembers {
  readonly roomId: string;
  readonly userIds: readonly string[];
  readonly role?: Role | null | undefined;
}

/** Adds users; members stay unchanged. */
export async function addMembers(
  ctx: SignedIn,
  input: AddMembers,
): Promise<{ memberships: Membership[]; roomSeq: number }> {
  if (input.userIds.length < 1 || input.userIds.length > MAX_ADDED)
    throw invalid('input.userIds', `1 to ${MAX_ADDED} people can be added at once.`);
  const [roomId, userIds] = [roomIdOf(input.roomId), [...new Set(userIdsOf(input.userIds))]];
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const rank = roles[input.role ?? 'MEMBER'];
  const { roomSeq } = accepted(
    await inRoom(ctx, roomId, (sql) =>
      changes.insertMembers(sql, placesOf(ctx), roomId, ctx.viewer.userId, userIds, rank),
    ),
  );
  announce(ctx, roomId, roomSeq, userIds);
  const found = await Promise.all(userIds.map((userId) => membershipLoader(ctx).load({ roomId, userId })));
  return { memberships: found.filter((row) => row !== null), roomSeq };
}

interface OfMember {
  readonly roomId: string;
  readonly userId: string;
}

/** Removes a member with a lower role. */
export async function removeMember(
  ctx: SignedIn,
  input: OfMember & { readonly reason?: string | null | undefined },
): Promise<Changed> {
  const [roomId, userId] = [roomIdOf(input.roomId), userIdOf(input.userId)];
  const reason = reasonOf(input.reason);
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const { roomSeq } = accepted(
    await inRoom(ctx, roomId, (sql) => changes.dismissMember(sql, roomId, ctx.viewer.userId, userId, reason)),
  );
  announce(ctx, roomId, roomSeq, [userId]);
  return { room: memberView(roomId), roomSeq };
}

/**
 * Changes the role of a member. A member with a lower role gets a role below the actor's; an owner can make other
 * owners; every member can take a lower role.
 */
export async function changeMemberRole(
  ctx: SignedIn,
  input: OfMember & { readonly role: Role },
): Promise<{ membership: Membership; roomSeq: number }> {
  const [roomId, userId] = [roomIdOf(input.roomId), userIdOf(input.userId)];
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const row = await inRoom(ctx, roomId, (sql) =>
    changes.updateMemberRole(sql, roomId, ctx.viewer.userId, userId, roles[input.role]),
  );
  const { roomSeq } = accepted(row);
  announce(ctx, roomId, roomSeq);
  return { membership: await membershipAfter(ctx, roomId, userId), roomSeq };
}

// -- the list ----------------------------------------------------------------------------------

interface MembersKey {
  readonly roomId: number;
  readonly page: Page<number>;
}

/** Reads pages of one direction, also of many rooms, in one statement. */
const membersLoader = (backwards: boolean) =>
  perViewer(
    (ctx) =>
      new DataLoader<MembersKey, Connection<Membership>, string>(
        (keys) => readMembers(ctx, keys, backwards),
        {
          cacheKeyFn: ({ roomId, page }) => `${roomId} ${page.size} ${page.after} ${page.before}`,
        },
      ),
  );
const forwards = membersLoader(false);
const backwards = membersLoader(true);

async function readMembers(
  ctx: Context,
  keys: readonly MembersKey[],
  backwards: boolean,
): Promise<Connection<Membership>[]> {
  const pages = keys.map(({ roomId, page: { after, before, size } }) => ({
    roomId,
    after,
    before,
    limit: size + 1, // One more row shows whether there is a next page.
  }));
  const rows = await memberStore.listMembers(ctx.node.db.read, pages, backwards);
  return keys.map(({ page }, i) => connectionOfMembers(rows[i] ?? [], page));
}

const memberKeys = listKeys('members', 'number');

function connectionOfMembers(rows: readonly Membership[], page: Page<number>): Connection<Membership> {
  return connectionOf(rows, page, ({ userId }) => memberKeys.encode(userId));
}

/** The members of a room in the order of user ids. */
export function listMembers(ctx: Context, room: RoomView, args: PageArgs): Promise<Connection<Membership>> {
  const page = pageOf(args, (cursor) => memberKeys.decode(cursor)?.[0] ?? null, { size: MEMBERS_PAGE_SIZE });
  const loader = page.backwards ? backwards : forwards;
  return loader(ctx).load({ roomId: room.roomId, page });
}

/** After the first message of a direct room: announces it to its members. */
export async function announceDirectRoom(ctx: SignedIn, roomId: number): Promise<void> {
  const ids = await memberStore.listMemberIds(ctx.node.db.read, roomId);
  // Members of other rooms were informed when they joined.
  if (ids.length <= MAX_DIRECT_MEMBERS) ctx.node.logFollower.announceAccounts(ids);
}
