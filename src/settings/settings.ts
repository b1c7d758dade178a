import DataLoader from 'dataloader';
import { type Context, perScope, perViewer, type SignedIn } from '../context.ts';
import { overrideRefusals, ROLE_CHANGE_COST } from '../permissions/overrides.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import { memberView, type RoomView } from '../rooms/access.ts';
import { allows, rightsIn } from '../rooms/permissions.ts';
import { announce, type Changed, inRoom, roomIdOf } from '../rooms/rooms.ts';
import * as store from './store.ts';

/** In seconds: 6 hours. */
export const MAX_SLOW_MODE = 6 * 3_600;

export type { Settings } from './store.ts';

export type PostingPolicy = Uppercase<store.Posting>;

export type JoinPolicy = Uppercase<store.Joining>;

export const policyOf = <Name extends string>(name: Name) => name.toUpperCase() as Uppercase<Name>;

export const settingsRefusals: StatusRefusals = {
  ...overrideRefusals,
  DIRECT: () => refuse('CONFLICT', 'A direct room has no such settings.'),
  NOT_PUBLIC: () => refuse('CONFLICT', 'Only public rooms have a policy of joining.'),
  VERSION: () =>
    refuse('CONFLICT', 'The settings have changed since: they have another version.', {
      path: ['input', 'expectedVersion'],
    }),
};

interface UpdateSettings {
  readonly roomId: string;
  readonly expectedVersion?: number | null | undefined;
  readonly slowModeSeconds?: number | null | undefined;
  readonly posting?: PostingPolicy | null | undefined;
  readonly joinPolicy?: JoinPolicy | null | undefined;
}

export interface ChangedSettings extends Changed {
  readonly settings: store.Settings;
}

/** Changes the given settings, if the version is the expected one. */
export async function updateRoomSettings(ctx: SignedIn, input: UpdateSettings): Promise<ChangedSettings> {
  const [roomId, { userId }] = [roomIdOf(input.roomId), ctx.viewer];
  const [expected, change] = [input.expectedVersion ?? null, changeOf(input)];
  await ctx.node.limits.spend('change', userId, change.posting ? 2 * ROLE_CHANGE_COST : 1);
  const done = await inRoom(ctx, roomId, (sql) =>
    store.updateSettings(sql, roomId, userId, expected, change),
  );
  const refusal = settingsRefusals[done.status];
  if (refusal) throw refusal();
  if (done.status === 'OK') announce(ctx, roomId, done.roomSeq);
  const settings = await settingsLoader(ctx).load(roomId);
  if (!settings) throw new Error(`room ${roomId} is gone`);
  return { room: memberView(roomId), roomSeq: done.roomSeq, settings };
}

/** @throws ValidationError */
function changeOf({ slowModeSeconds, posting, joinPolicy }: UpdateSettings): store.SettingsChange {
  return {
    ...(slowModeSeconds != null && { slowModeSeconds: slowModeOf(slowModeSeconds) }),
    ...(posting && { posting: postingOf(posting) }),
    ...(joinPolicy && { joinPolicy: joinPolicy.toLowerCase() as store.Joining }),
  };
}

function slowModeOf(seconds: number): number | null {
  if (seconds < 0 || seconds > MAX_SLOW_MODE)
    throw invalid('input.slowModeSeconds', `Slow mode can last 0 to ${MAX_SLOW_MODE} seconds.`);
  return seconds || null;
}

function postingOf(policy: PostingPolicy): store.Posting {
  if (policy === 'CUSTOM')
    throw invalid('input.posting', 'CUSTOM is what overrides say: use setRoomPermissionOverride.');
  return policy.toLowerCase() as store.Posting;
}

// -- reading -------------------------------------------------------------------------------------

const settingsLoader = perScope(
  (ctx) =>
    new DataLoader<number, store.Settings | null>(async (roomIds) => {
      const found = await store.findSettings(ctx.node.db.read, roomIds);
      return roomIds.map((roomId) => found.get(roomId) ?? null);
    }),
);

/** The settings of a room; null for others than members. */
export async function settingsOf(ctx: Context, { roomId, access }: RoomView): Promise<store.Settings | null> {
  return access === 'member' ? settingsLoader(ctx).load(roomId) : null;
}

/** How users become members of the room; OPEN where the viewer may not see the room. */
export async function joinPolicyOf(ctx: Context, { roomId, access }: RoomView): Promise<JoinPolicy> {
  const settings = access === 'gone' ? null : await settingsLoader(ctx).load(roomId);
  return policyOf(settings?.joinPolicy ?? 'open');
}

const waitEndLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<number, Date | null>(async (roomIds) => {
      const found = viewer && (await store.findWaitEnds(node.db.read, viewer.userId, roomIds));
      return roomIds.map((roomId) => found?.get(roomId) ?? null);
    }),
);

/** When slow mode lets the viewer send the next message; null: it does now. */
export async function sendableAt(ctx: Context, { roomId, access }: RoomView): Promise<Date | null> {
  if (access !== 'member') return null;
  const [rights, endsAt] = await Promise.all([rightsIn(ctx, roomId), waitEndLoader(ctx).load(roomId)]);
  return rights && !allows(rights, 'BYPASS_SLOW_MODE') ? endsAt : null;
}
