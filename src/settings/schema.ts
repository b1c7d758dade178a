import { withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { priced } from '../graphql/pricing.ts';
import { Room } from '../rooms/schema.ts';
import {
  type ChangedSettings,
  joinPolicyOf,
  MAX_SLOW_MODE,
  policyOf,
  type Settings,
  sendableAt,
  settingsOf,
  updateRoomSettings,
} from './settings.ts';

const PostingPolicy = builder.enumType('PostingPolicy', {
  description:
    'Who sends messages in a room. It is a name for overrides of the roles MEMBER and GUEST, and changes with them.',
  values: enumValues({
    EVERYONE: 'All members.',
    MODERATORS: 'Moderators and higher roles. All others read and react.',
    MODERATORS_AND_REPLIES: 'Moderators and higher roles. All others read, react and reply in threads.',
    CUSTOM: 'The overrides of the room say something else.',
  }),
});

const JoinPolicy = builder.enumType('JoinPolicy', {
  description:
    'How users become members of a public room. Members with ADD_MEMBERS can always add and invite others.',
  values: enumValues({
    OPEN: 'Every user can join.',
    REQUEST: 'Users ask to join (`requestToJoin`), and members with ADD_MEMBERS answer.',
    INVITE: 'Only by invites, and added by members.',
  }),
});

export const RoomSettings = builder.objectRef<Settings>('RoomSettings').implement({
  description: 'The settings of a room, which hold for all its members.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'Rises with each `RoomSettingsChanged`.' }),
    slowModeSeconds: t.exposeInt('slowModeSeconds', {
      nullable: true,
      description:
        'Slow mode: how many seconds a member without BYPASS_SLOW_MODE waits between two messages. Null without slow mode.',
    }),
    posting: t.field({
      type: PostingPolicy,
      description: 'Who sends messages in the room. `PermissionsChanged` tells of its changes, too.',
      resolve: ({ posting }) => policyOf(posting),
    }),
    joinPolicy: t.field({
      type: JoinPolicy,
      description: 'How users become members. Of no meaning for a room that is not public.',
      resolve: ({ joinPolicy }) => policyOf(joinPolicy),
    }),
  }),
});

/** Events carry the settings that they change. */
const outsideEvents = { extensions: priced({ outsideEvents: true }) };

builder.objectFields(Room, (t) => ({
  settings: t.field({
    type: RoomSettings,
    nullable: true,
    description:
      'The settings of the room. For members. Subscriptions cannot select it: `RoomSettingsChanged` has them.',
    ...outsideEvents,
    resolve: (room, _args, ctx) => settingsOf(ctx, room),
  }),
  joinPolicy: t.field({
    type: JoinPolicy,
    description:
      'How users become members of the room, also for those who are not. Of no meaning for a room that is not public. ' +
      'Subscriptions cannot select it.',
    ...outsideEvents,
    resolve: (room, _args, ctx) => joinPolicyOf(ctx, room),
  }),
  viewerCanSendAt: t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'When slow mode lets the viewer send the next message. Null if it does now. Subscriptions cannot select it.',
    ...outsideEvents,
    resolve: (room, _args, ctx) => sendableAt(ctx, room),
  }),
}));

mutation('updateRoomSettings', {
  description:
    'Changes settings of a room. What is not given stays as it is. Needs UPDATE_ROOM; `posting` needs MANAGE_MEMBERS and ' +
    'the permissions that change, as overrides do. Direct rooms have no settings.',
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    expectedVersion: t.int({
      description: 'Change them only if they still have this version; otherwise it is a ConflictError.',
    }),
    slowModeSeconds: t.int({
      description: `Seconds that members wait between two messages, at most ${MAX_SLOW_MODE} (6 hours). 0 ends slow mode.`,
    }),
    posting: t.field({ type: PostingPolicy, description: 'Who sends messages. Not CUSTOM.' }),
    joinPolicy: t.field({
      type: JoinPolicy,
      description: 'How users become members. For public rooms only.',
    }),
  }),
  success: builder.objectRef<ChangedSettings>('UpdateRoomSettingsSuccess').implement({
    description: 'The settings have these values.',
    fields: (t) => ({
      settings: t.field({
        type: RoomSettings,
        description: 'All settings after the change.',
        resolve: ({ settings }) => settings,
      }),
      room: t.field({ type: Room, description: 'The room after the change.', resolve: ({ room }) => room }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: changeRefusals,
  resolve: (ctx, input) => updateRoomSettings(withAccount(ctx), input),
});
