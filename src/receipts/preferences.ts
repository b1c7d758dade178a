import type { Services, SignedIn } from '../context.ts';
import { invalid } from '../platform/errors.ts';
import { memberView, type RoomView } from '../rooms/access.ts';
import { accepted } from '../rooms/refusals.ts';
import { inRoom, roomIdOf } from '../rooms/rooms.ts';
import { folderName } from './folders.ts';
import { tellMoved } from './markers.ts';
import { findRoomsToTell, setPreferences, updatePrivacyRow } from './store.ts';

interface UpdateRoomPreferences {
  readonly roomId: string;
  readonly isPinned?: boolean | null | undefined;
  readonly isHidden?: boolean | null | undefined;
  readonly isMuted?: boolean | null | undefined;
  readonly mutedUntil?: Date | null | undefined;
  readonly sharesReceipts?: boolean | null | undefined;
  readonly folder?: string | null | undefined;
}

export interface PreferencesSet {
  readonly room: RoomView;
  readonly accountSeq: number;
}

/** A mute without an end, and one that has ended. */
const FOR_EVER = new Date(Date.UTC(9999, 0, 1));
const OVER = new Date(0);

/** Mutes, pins or hides a room for the viewer alone; what is not given stays. */
export async function updateRoomPreferences(
  ctx: SignedIn,
  input: UpdateRoomPreferences,
): Promise<PreferencesSet> {
  const [roomId, { userId }] = [roomIdOf(input.roomId), ctx.viewer];
  const wanted = {
    isPinned: input.isPinned ?? null,
    isHidden: input.isHidden ?? null,
    mutedUntil: muteOf(input),
    sharesReceipts: input.sharesReceipts ?? null,
    folder: input.folder == null ? null : folderName(input.folder),
  };
  await ctx.node.limits.spend('change', userId);
  const row = await inRoom(ctx, roomId, (sql) => setPreferences(sql, roomId, userId, wanted));
  const { status, accountSeq } = accepted(row);
  if (status === 'OK') ctx.node.logFollower.announceAccounts([userId]);
  if (wanted.sharesReceipts !== null) tellMoved(ctx.node, roomId);
  return { room: memberView(roomId), accountSeq };
}

/** Whether the viewer shares the own marks, where nothing else was set for a room; what is not given stays. */
export async function updateSharing(
  { node, viewer }: SignedIn,
  input: { readonly sharesReceipts?: boolean | null | undefined },
): Promise<void> {
  if (typeof input.sharesReceipts === 'boolean')
    await shareReceipts(node, viewer.userId, input.sharesReceipts);
}

async function shareReceipts(node: Services, userId: number, shares: boolean): Promise<void> {
  const roomIds = await node.changes.run(`user ${userId}`, async (sql) => {
    await updatePrivacyRow(sql, userId, shares);
    return findRoomsToTell(sql, userId);
  });
  for (const roomId of roomIds) tellMoved(node, roomId);
}

/** @throws ValidationError where the two say different things */
function muteOf({ isMuted, mutedUntil }: UpdateRoomPreferences): Date | null {
  if (mutedUntil) {
    if (isMuted === false) throw invalid('input.mutedUntil', 'A room that is not muted has no end of it.');
    return mutedUntil < FOR_EVER ? mutedUntil : FOR_EVER;
  }
  if (typeof isMuted !== 'boolean') return null;
  return isMuted ? FOR_EVER : OVER;
}
