import type { Context } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import { refuse } from '../platform/errors.ts';
import type { RoomView } from '../rooms/access.ts';
import { allows, rightsIn } from '../rooms/permissions.ts';
import * as store from './store.ts';

/** What the audit log records. `value` is what the functions of the database write. */
export const auditActions = {
  MEMBER_TIMED_OUT: { value: 'timeout', description: 'A member was timed out, or the timeout was ended.' },
  USER_BANNED: { value: 'ban', description: 'A user was banned, or the ban was replaced.' },
  USER_UNBANNED: { value: 'unban', description: 'A ban was ended.' },
  MEMBER_REMOVED: { value: 'remove', description: 'A member was removed.' },
  ROLE_CHANGED: { value: 'role', description: 'A member got another role.' },
  PERMISSIONS_CHANGED: {
    value: 'permissions',
    description: 'The permissions of a role or a member changed.',
  },
  ROOM_UPDATED: {
    value: 'room',
    description: 'The name, the description or the lifetime of messages changed.',
  },
  SETTINGS_CHANGED: { value: 'settings', description: 'The settings of the room changed.' },
  ROOM_ARCHIVED: { value: 'archive', description: 'The room was archived.' },
  JOIN_REQUEST_ACCEPTED: {
    value: 'accept',
    description: 'A request to join was accepted.',
  },
  JOIN_REQUEST_DECLINED: {
    value: 'decline',
    description: 'A request to join was declined. A ban also declines it, and has its own entry.',
  },
  MESSAGE_DELETED: { value: 'delete', description: 'A message of another user was deleted.' },
  INVITE_CREATED: { value: 'invite', description: 'An invite was created.' },
  INVITE_REVOKED: { value: 'revoke', description: 'An invite was revoked.' },
  OTHER: { value: 'other', description: 'Something that this version of the server does not know.' },
} as const;

export type AuditAction = (typeof auditActions)[keyof typeof auditActions]['value'];

const known: ReadonlySet<string> = new Set(Object.values(auditActions).map(({ value }) => value));

/** What an entry records; `other` for what a newer version has written. */
export const actionOf = ({ action }: Pick<store.AuditEntry, 'action'>): AuditAction =>
  known.has(action) ? (action as AuditAction) : 'other';

export type { AuditEntry } from './store.ts';

interface AuditFilter {
  readonly action?: AuditAction | null | undefined;
  readonly actorId?: string | null | undefined;
}

type ListArgs = Pick<PageArgs, 'first' | 'after'> & { readonly filter?: AuditFilter | null | undefined };

const auditKeys = listKeys('audit', 'number');

/** The audit log of a room, the newest entry first; null for users who may not see it. */
export async function listAudit(
  ctx: Context,
  { roomId }: RoomView,
  { filter, ...args }: ListArgs,
): Promise<Connection<store.AuditEntry> | null> {
  const rights = await rightsIn(ctx, roomId);
  if (rights === null || !allows(rights, 'VIEW_AUDIT_LOG')) return null;
  const page = pageOf(args, (cursor) => auditKeys.decode(cursor)?.[0] ?? null, { size: PAGE_SIZE });
  const wanted = {
    roomId,
    before: page.after ?? Number.MAX_SAFE_INTEGER,
    action: filter?.action ?? null,
    actorId: actorOf(filter?.actorId),
    limit: page.size + 1,
  };
  const rows = await store.listAudit(ctx.node.db.read, wanted);
  return connectionOf(rows, page, ({ auditSeq }) => auditKeys.encode(auditSeq));
}

/** @throws NotFoundError */
function actorOf(id: string | null | undefined): number | null {
  if (id === undefined || id === null) return null;
  const userId = idOf('User', id);
  if (userId === null)
    throw refuse('NOT_FOUND', 'This user does not exist.', { path: ['filter', 'actorId'] });
  return userId;
}
