import { loadUser } from '../accounts/people.ts';
import { User } from '../accounts/schema.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { globalId } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { roleOf } from '../rooms/members.ts';
import { MemberRole, Room } from '../rooms/schema.ts';
import { type AuditEntry, actionOf, auditActions, listAudit } from './audit.ts';
import { type AuditChange, changesIn } from './audit-changes.ts';

const AuditActionType = builder.enumType('AuditAction', {
  description: 'What was done. More actions can follow: treat an unknown one as OTHER.',
  values: auditActions,
});

const AuditChangeType = builder.objectRef<AuditChange>('AuditChange').implement({
  description:
    'A value before and after an act, as text: times in RFC 3339, roles and permissions by their names.',
  fields: (t) => ({
    field: t.exposeString('field', {
      description: 'What it is the value of, such as `name`, `role`, `until` or the name of a permission.',
    }),
    before: t.exposeString('before', { nullable: true, description: 'The value before. Null for none.' }),
    after: t.exposeString('after', { nullable: true, description: 'The value after. Null for none.' }),
  }),
});

const ofInvites: ReadonlySet<string> = new Set([
  auditActions.INVITE_CREATED.value,
  auditActions.INVITE_REVOKED.value,
]);

const isUser = (target: number | null): target is number => target !== null && target > 0;

const AuditEntryType = builder.objectRef<AuditEntry>('AuditEntry').implement({
  description:
    'An act of a member who manages a room. Entries never change, but a reason is erased with the account of the target.',
  fields: (t) => ({
    auditSeq: t.exposeInt('auditSeq', {
      description:
        'The number of the entry in its room, from 1 without gaps. Old entries are deleted from the beginning.',
    }),
    action: t.field({
      type: AuditActionType,
      description: 'What was done.',
      resolve: actionOf,
    }),
    actor: t.field({
      type: User,
      description: 'The user who did it.',
      resolve: ({ actorId }, _args, ctx) => loadUser(ctx, actorId),
    }),
    target: t.field({
      type: User,
      nullable: true,
      description:
        'The user whom it concerns: a member, a banned user, the author of a message, the creator of a revoked invite.',
      resolve: ({ target }, _args, ctx) => (isUser(target) ? loadUser(ctx, target) : null),
    }),
    targetRole: t.field({
      type: MemberRole,
      nullable: true,
      description: 'The role whose permissions changed.',
      resolve: ({ target }) => (target !== null && target < 0 ? roleOf(-target) : null),
    }),
    messageId: t.id({
      nullable: true,
      description: 'The id of the deleted message.',
      resolve: ({ action, roomId, subject }) =>
        action === auditActions.MESSAGE_DELETED.value && subject !== null
          ? globalId('Message', roomId, subject)
          : null,
    }),
    inviteId: t.id({
      nullable: true,
      description: 'The id of the invite, which may be gone.',
      resolve: ({ action, subject }) =>
        ofInvites.has(action) && subject !== null ? globalId('Invite', subject) : null,
    }),
    changes: t.field({
      type: [AuditChangeType],
      description: 'The values that changed.',
      extensions: pricedList({ usualSize: 3, inEvents: false }),
      resolve: ({ changes }) => changesIn(changes),
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why. Null if no reason was given.' }),
    occurredAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ createdAt }) => createdAt }),
  }),
});

const { ConnectionType: RoomAuditLogConnection } = connectionType<AuditEntry>(
  'RoomAuditLog',
  AuditEntryType,
  'the audit log of a room',
);

const AuditLogFilter = builder.inputType('AuditLogFilter', {
  description: 'Which entries. What is not given makes no difference.',
  fields: (t) => ({
    action: t.field({ type: AuditActionType, description: 'Only this action.' }),
    actorId: t.id({ description: 'Only what this user did.' }),
  }),
});

builder.objectField(Room, 'auditLog', (t) =>
  t.field({
    type: RoomAuditLogConnection,
    nullable: true,
    description:
      'What those who manage the room did, the newest entry first. Default page: 20. Null without the permission VIEW_AUDIT_LOG.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: {
      ...forwardArgs(),
      filter: t.arg({ type: AuditLogFilter, description: 'Only these.' }),
    },
    resolve: (room, args, ctx) => withRefusals(ctx, () => listAudit(ctx, room, args)),
  }),
);
