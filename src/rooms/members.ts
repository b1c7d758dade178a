import DataLoader from 'dataloader';
import { type Context, perViewer, type SignedIn } from '../context.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { idOf } from '../platform/ids.ts';
import {
  type Connection,
  connectionOf,
  decodeKey,
  encodeKey,
  type Page,
  type PageArgs,
  pageOf,
} from '../platform/paging.ts';
import { membershipLoader, memberView, type RoomView } from './access.ts';
import {
  accepted,
  announce,
  type Changed,
  inRoom,
  MAX_DIRECT_MEMBERS,
  placesOf,
  roomIdOf,
  userIdsOf,
} from './rooms.ts';
import * as store from './store.ts';

export type Role = keyof typeof store.roles;
export const MEMBERS_PAGE_SIZE = 50;
export const MAX_ADDED = 100;

/** A membership as the API shows it: as of now, or as of an event. */
export type Membership = Pick<
  store.MembershipRow,
  'roomId' | 'userId' | 'role' | 'joinedAt' | 'readSeq' | 'deliveredSeq'
>;

export function roleOf(rank: number): Role {
  const found = Object.entries(store.roles).find(([, value]) => value === rank);
  if (!found) throw new Error(`there is no role of rank ${rank}`);
  return found[0] as Role;
}

function userIdOf(id: string): number {
  const userId = idOf('User', id);
  if (userId === null) throw refuse('NOT_FOUND', 'There is no such person.', { path: ['input', 'userId'] });
  return userId;
}

async function membershipAfter(ctx: Context, roomId: number, userId: number): Promise<Membership> {
  const row = await membershipLoader(ctx).load({ roomId, userId });
  // Removed by somebody else between the change and this look.
  if (!row) throw refuse('CONFLICT', 'The membership has ended meanwhile.');
  return row;
}

/** Makes the viewer a member of a public room. */
export async function joinRoom(
  ctx: SignedIn,
  input: { readonly roomId: string },
): Promise<Changed & { membership: Membership }> {
  const [roomId, userId] = [roomIdOf(input.roomId), ctx.viewer.userId];
  await ctx.node.limits.spend('change', userId);
  const { roomSeq } = accepted(
    await inRoom(ctx, roomId, (sql) => store.insertMember(sql, placesOf(ctx), roomId, userId)),
  );
  announce(ctx, roomId, roomSeq, [userId]);
  return { room: memberView(roomId), membership: await membershipAfter(ctx, roomId, userId), roomSeq };
}

/** Ends the viewer's membership. The last owner needs a successor first. */
export async function leaveRoom(
  ctx: SignedIn,
  input: { readonly roomId: string },
): Promise<{ roomId: string; roomSeq: number }> {
  const [roomId, userId] = [roomIdOf(input.roomId), ctx.viewer.userId];
  await ctx.node.limits.spend('change', userId);
  const { roomSeq } = accepted(await inRoom(ctx, roomId, (sql) => store.deleteMember(sql, roomId, userId)));
  announce(ctx, roomId, roomSeq, [userId]);
  return { roomId: input.roomId, roomSeq };
}

interface AddMembers {
  readonly roomId: string;
  readonly userIds: readonly string[];
  readonly role?: Role | null | undefined;
}

/** Adds people; those who are members already stay as they are. */
export async function addMembers(
  ctx: SignedIn,
  input: AddMembers,
): Promise<{ memberships: Membership[]; roomSeq: number }> {
  if (input.userIds.length < 1 || input.userIds.length > MAX_ADDED)
    throw invalid('input.userIds', `1 to ${MAX_ADDED} people can be added at once.`);
  const [roomId, userIds] = [roomIdOf(input.roomId), [...new Set(userIdsOf(input.userIds))]];
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const rank = store.roles[input.role ?? 'MEMBER'];
  const { roomSeq } = accepted(
    await inRoom(ctx, roomId, (sql) =>
      store.insertMembers(sql, placesOf(ctx), roomId, ctx.viewer.userId, userIds, rank),
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

/** Takes somebody of a lower rank out of the room. */
export async function removeMember(ctx: SignedIn, input: OfMember): Promise<Changed> {
  const [roomId, userId] = [roomIdOf(input.roomId), userIdOf(input.userId)];
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const { roomSeq } = accepted(
    await inRoom(ctx, roomId, (sql) => store.dismissMember(sql, roomId, ctx.viewer.userId, userId)),
  );
  announce(ctx, roomId, roomSeq, [userId]);
  return { room: memberView(roomId), roomSeq };
}

/** Gives somebody of a lower rank another role below the own; an owner may make other owners; anybody may step down. */
export async function changeMemberRole(
  ctx: SignedIn,
  input: OfMember & { readonly role: Role },
): Promise<{ membership: Membership; roomSeq: number }> {
  const [roomId, userId] = [roomIdOf(input.roomId), userIdOf(input.userId)];
  await ctx.node.limits.spend('change', ctx.viewer.userId);
  const row = await inRoom(ctx, roomId, (sql) =>
    store.updateMemberRole(sql, roomId, ctx.viewer.userId, userId, store.roles[input.role]),
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

/** Members of many rooms at once: rooms asked for the same page share a statement. */
const membersLoader = perViewer(
  (ctx) =>
    new DataLoader<MembersKey, Connection<Membership>, string>(
      async (keys) => {
        const pages = new Map<string, MembersKey[]>();
        for (const key of keys) pages.set(pageKey(key), [...(pages.get(pageKey(key)) ?? []), key]);
        const found = await Promise.all([...pages.values()].map((group) => readMembers(ctx, group)));
        const byRoom = new Map(found.flat());
        return keys.map((key) => byRoom.get(cacheKey(key)) as Connection<Membership>);
      },
      { cacheKeyFn: cacheKey },
    ),
);

const pageKey = ({ page }: MembersKey) => JSON.stringify(page);
const cacheKey = (key: MembersKey) => `${key.roomId} ${pageKey(key)}`;

async function readMembers(
  ctx: Context,
  keys: readonly MembersKey[],
): Promise<[string, Connection<Membership>][]> {
  const page = (keys[0] as MembersKey).page;
  const rows = await store.listMembers(
    ctx.node.db.read,
    keys.map((key) => key.roomId),
    { ...page, limit: page.size + 1 },
  );
  const behind = page.backwards ? page.before !== null : page.after !== null;
  return keys.map((key) => {
    const own = rows.filter((row) => row.roomId === key.roomId);
    return [cacheKey(key), connectionOf(own, page, (row) => encodeKey('members', row.userId), behind)];
  });
}

/** The members of a room in the order of their accounts. */
export function listMembers(ctx: Context, room: RoomView, args: PageArgs): Promise<Connection<Membership>> {
  const page = pageOf(
    args,
    (cursor) => (decodeKey(cursor, 'members', 'number')?.[0] as number | undefined) ?? null,
    { size: MEMBERS_PAGE_SIZE },
  );
  return membersLoader(ctx).load({ roomId: room.roomId, page });
}

/** After the first message of a direct room: its members hear of it now. */
export async function announceDirectRoom(ctx: SignedIn, roomId: number): Promise<void> {
  const ids = await store.listMemberIds(ctx.node.db.read, roomId);
  // Other rooms told their members when they joined.
  if (ids.length <= MAX_DIRECT_MEMBERS) ctx.node.hub.announceAccounts(ids);
}
