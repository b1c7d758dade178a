import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { membershipLoader } from '../rooms/access.ts';
import { roleOf } from '../rooms/members.ts';
import { permissionsIn } from '../rooms/permissions.ts';
import { MemberRole, Room, RoomMembership, RoomPermission } from '../rooms/schema.ts';
import { userOf } from './events.ts';
import { type Explanation, explainPermission, type Step } from './explanation.ts';
import {
  type ChangedOverride,
  listOverrides,
  MAX_MEMBER_OVERRIDES,
  type Override,
  setRoomPermissionOverride,
} from './overrides.ts';

// -- types -------------------------------------------------------------------------------------

const PermissionEffect = builder.enumType('PermissionEffect', {
  description: 'What an override says of a permission.',
  values: enumValues({
    ALLOW: 'It is allowed.',
    DENY: 'It is denied. Of one override, this counts more than ALLOW.',
    INHERIT: 'The step before decides: the override of the role, or the default of the role.',
  }),
});

export const RoomPermissionOverride = builder.objectRef<Override>('RoomPermissionOverride').implement({
  description:
    'What members of a role, or one member, may do in a room other than by default. Either `role` or `user` is set.',
  fields: (t) => ({
    role: t.field({
      type: MemberRole,
      nullable: true,
      description: 'The role. Null for the override of a member.',
      resolve: ({ target }) => (userOf(target) === null ? roleOf(-target) : null),
    }),
    user: t.field({
      type: User,
      nullable: true,
      description:
        'The member, who may have left: an override applies again after a return. Null for that of a role.',
      resolve: ({ target }, _args, ctx) => (userOf(target) === null ? null : loadUser(ctx, target)),
    }),
    allowed: t.field({
      type: [RoomPermission],
      description: 'What it allows.',
      resolve: ({ allow }) => permissionsIn(allow),
    }),
    denied: t.field({
      type: [RoomPermission],
      description: 'What it denies.',
      resolve: ({ deny }) => permissionsIn(deny),
    }),
  }),
});

const { ConnectionType: RoomPermissionOverridesConnection } = connectionType<Override>(
  'RoomPermissionOverrides',
  RoomPermissionOverride,
  'the overrides of a room',
);

builder.objectField(Room, 'permissionOverrides', (t) =>
  t.field({
    type: RoomPermissionOverridesConnection,
    nullable: true,
    description:
      'What roles and members may do other than by default: roles first, the highest on top, then members by user id. ' +
      'Default page: 20. For members.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (room, args, ctx) => withRefusals(ctx, () => listOverrides(ctx, room, args)),
  }),
);

builder.objectField(RoomMembership, 'permissions', (t) =>
  t.field({
    type: [RoomPermission],
    description:
      'What the member may do in the room: the defaults of the role, and the overrides of the room. In events of members as of the event.',
    resolve: async ({ roomId, userId, permissions }, _args, ctx) =>
      permissionsIn(permissions ?? (await membershipLoader(ctx).load({ roomId, userId }))?.permissions ?? 0),
  }),
);

const PermissionStepKind = builder.enumType('PermissionStepKind', {
  description: 'What a step of an explanation is about.',
  values: enumValues({
    NOT_A_MEMBER: 'The user is not a member of the room.',
    OWNER: 'The member is an owner, who may do everything. Overrides do not apply.',
    ROLE_DEFAULT: 'What the role allows in every room.',
    ROLE_OVERRIDE: 'The override of the role in this room.',
    MEMBER_OVERRIDE: 'The override of the member in this room.',
    CAN_SEND: 'The member has SEND_MESSAGES, which allows the action, too.',
    CANNOT_SEND: 'The action also needs SEND_MESSAGES, which the member does not have.',
    ARCHIVED: 'The room is archived, and the action changes it.',
    TIMED_OUT: 'The member may not send messages for a limited time, and the action needs that.',
  }),
});

const PermissionStep = builder.objectRef<Step>('PermissionStep').implement({
  description: 'One step of the decision about a permission.',
  fields: (t) => ({
    kind: t.field({
      type: PermissionStepKind,
      description: 'What it is about.',
      resolve: ({ kind }) => kind,
    }),
    effect: t.field({
      type: PermissionEffect,
      description: 'What it says.',
      resolve: ({ effect }) => effect,
    }),
  }),
});

const PermissionExplanation = builder.objectRef<Explanation>('PermissionExplanation').implement({
  description: 'Whether a user may do something in a room now, and why.',
  fields: (t) => ({
    isAllowed: t.exposeBoolean('isAllowed', {
      description: 'Whether it is allowed. Actions on members also need a role above theirs.',
    }),
    steps: t.field({
      type: [PermissionStep],
      description: 'The steps, in the order in which they apply. The last one that is not INHERIT decides.',
      extensions: pricedList({ usualSize: 6, inEvents: false }),
      resolve: ({ steps }) => steps,
    }),
  }),
});

builder.queryField('explainPermission', (t) =>
  t.withAuth({ signedIn: true }).field({
    type: PermissionExplanation,
    nullable: true,
    description:
      'Why a user may do something in a room or not. For the viewer; for other users it needs MANAGE_MEMBERS, and is null ' +
      'without it. Null as well for a room that the viewer cannot see.',
    args: {
      roomId: t.arg.id({ required: true, description: 'The id of the room.' }),
      userId: t.arg.id({ required: true, description: 'The id of the user.' }),
      permission: t.arg({ type: RoomPermission, required: true, description: 'The permission.' }),
    },
    resolve: (_root, args, ctx) => explainPermission(ctx, args),
  }),
);

// -- the mutation ------------------------------------------------------------------------------

const PermissionTargetInput = builder.inputType('PermissionTargetInput', {
  description: 'Whose permissions. Give exactly one field.',
  isOneOf: true,
  fields: (t) => ({
    role: t.field({ type: MemberRole, description: 'All members with this role. Not OWNER.' }),
    userId: t.id({
      description: 'One member. The override applies whatever role the member has, except OWNER.',
    }),
  }),
});

const PermissionChangeInput = builder.inputType('PermissionChangeInput', {
  description: 'The effect that one permission gets.',
  fields: (t) => ({
    permission: t.field({ type: RoomPermission, required: true, description: 'The permission.' }),
    effect: t.field({ type: PermissionEffect, required: true, description: 'Its effect.' }),
  }),
});

mutation('setRoomPermissionOverride', {
  description:
    'Changes what members of a role, or one member, may do in a room. It describes a state: permissions that are not named ' +
    'keep their effect. Needs MANAGE_MEMBERS, a target below the role of the viewer, and each permission that changes. ' +
    `A room has overrides of at most ${MAX_MEMBER_OVERRIDES} members; one more is a ConflictError.`,
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    target: t.field({ type: PermissionTargetInput, required: true, description: 'Whose permissions.' }),
    changes: t.field({
      type: [PermissionChangeInput],
      required: true,
      description: 'The effects, at least one, and each permission once.',
    }),
  }),
  success: builder.objectRef<ChangedOverride>('SetRoomPermissionOverrideSuccess').implement({
    description: 'The permissions have these effects.',
    fields: (t) => ({
      override: t.field({
        type: RoomPermissionOverride,
        description: 'The override after the change. If it is empty, it is no longer listed.',
        resolve: ({ override }) => override,
      }),
      room: t.field({ type: Room, description: 'The room after the change.', resolve: ({ room }) => room }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: changeRefusals,
  resolve: (ctx, input) => setRoomPermissionOverride(withAccount(ctx), input),
});
