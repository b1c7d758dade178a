import { randomBytes } from 'node:crypto';
import { checkedDisplayName, guestName } from '../accounts/credentials.ts';
import { newSession, type OnDevice } from '../accounts/devices.ts';
import { spendGuest, spendInvitePreview } from '../accounts/limits.ts';
import { findUser } from '../accounts/people.ts';
import { type SignIn, welcome } from '../accounts/sessions.ts';
import type { Context, SignedIn } from '../context.ts';
import { refuse } from '../platform/errors.ts';
import { membershipLoader, memberView, roomLoader } from '../rooms/access.ts';
import type { Membership, Role } from '../rooms/members.ts';
import { roleOf } from '../rooms/members.ts';
import { BANNED, refusals } from '../rooms/refusals.ts';
import { announce, type Changed, inRoom, placesOf } from '../rooms/rooms.ts';
import { codeHash } from './codes.ts';
import { noInvite } from './invites.ts';
import * as store from './store.ts';

/** What anyone with the link sees. */
export interface Preview {
  readonly roomName: string;
  readonly memberCount: number;
  readonly role: Role;
  readonly invitedBy: string;
}

/**
 * Returns where a link leads, also if nobody is signed in; null for every code that cannot be used.
 * @throws RateLimitedError
 */
export async function previewInvite(ctx: Context, code: string): Promise<Preview | null> {
  await spendInvitePreview(ctx);
  const invite = await openInvite(ctx, code);
  if (!invite) return null;
  const [room, inviter] = await Promise.all([
    roomLoader(ctx).load(invite.roomId),
    findUser(ctx, invite.createdBy),
  ]);
  if (!room || !inviter) return null;
  return {
    roomName: room.name ?? '',
    memberCount: room.memberCount,
    role: roleOf(invite.role),
    invitedBy: inviter.displayName,
  };
}

async function inviteOf({ node }: Context, code: string): Promise<store.InviteRow | null> {
  const hash = codeHash(code);
  return hash && store.findByCode(node.db.read, hash);
}

async function openInvite(ctx: Context, code: string): Promise<store.InviteRow | null> {
  const invite = await inviteOf(ctx, code);
  return invite?.isOpen ? invite : null;
}

/** Makes the viewer a member and counts the use. For a member it succeeds and counts nothing. */
export async function acceptInvite(
  ctx: SignedIn,
  { inviteCode }: { readonly inviteCode: string },
): Promise<Changed & { membership: Membership }> {
  const { userId } = ctx.viewer;
  await ctx.node.limits.spend('change', userId);
  const invite = await inviteOf(ctx, inviteCode);
  if (!invite) throw noInvite('inviteCode');
  const { roomId, id } = invite;
  const { status, roomSeq } = await inRoom(ctx, roomId, (sql) =>
    store.useInvite(sql, id, userId, placesOf(ctx).own),
  );
  const refusal = status === 'NOT_FOUND' ? () => noInvite('inviteCode') : refusals[status];
  if (refusal) throw refusal();
  if (status === 'OK') announce(ctx, roomId, roomSeq, [userId]);
  const membership = await membershipLoader(ctx).load({ roomId, userId });
  if (!membership) throw refuse('CONFLICT', 'The membership has ended.');
  return { room: memberView(roomId), membership, roomSeq };
}

interface JoinAsGuest extends OnDevice {
  readonly inviteCode: string;
  readonly displayName: string;
}

/** Creates a guest in the room of an invite, and signs the guest in. Each call creates another guest. */
export async function joinAsGuest(ctx: Context, input: JoinAsGuest): Promise<SignIn & Changed> {
  const { settings } = ctx.node;
  const displayName = checkedDisplayName(input.displayName);
  const { session, refreshToken } = newSession(ctx, input);
  if (!settings.ALLOW_GUESTS) throw refuse('PERMISSION_DENIED', 'This server has no guests. Sign in first.');
  await spendGuest(ctx);
  const invite = await openInvite(ctx, input.inviteCode);
  if (!invite) throw noInvite('inviteCode');
  await refuseBanned(ctx, invite.roomId);
  const guest = { username: guestName(randomBytes(16)), displayName, ...session };
  const made = await ctx.node.changes.run(`room ${invite.roomId}`, (sql) =>
    store.insertGuest(sql, invite.id, guest),
  );
  if (made.status !== 'OK') throw noInvite('inviteCode');
  const signIn = await welcome(ctx, { ...made, isGuest: true }, refreshToken);
  ctx.node.logFollower.announceRoom(invite.roomId, made.roomSeq);
  ctx.node.logFollower.announceAccounts([made.userId]);
  return { ...signIn, room: memberView(invite.roomId), roomSeq: made.roomSeq };
}

/** Refuses a banned user who is signed in: as a guest, the user would have another account. */
async function refuseBanned({ viewer, node }: Context, roomId: number): Promise<void> {
  if (viewer && (await store.isBanned(node.db.read, roomId, viewer.userId)))
    throw refuse('PERMISSION_DENIED', BANNED);
}
