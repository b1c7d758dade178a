import type { StatusRefusals } from '../platform/database-codes.ts';
import { refuse } from '../platform/errors.ts';
import type { Outcome } from './changes.store.ts';

/** The same for a room that does not exist as for one that the viewer is not in. */
export const noRoom = (path: readonly string[] = ['input', 'roomId']) =>
  refuse('NOT_FOUND', 'This room does not exist, or you are not a member.', { path });

export const roomArchived = () => refuse('CONFLICT', 'The room is archived and read-only.');

/** Of users who may not send messages: for good, or until a timeout ends. */
export const sendingRefusals = {
  FORBIDDEN: () => refuse('PERMISSION_DENIED', 'You cannot send messages in this room.'),
  TIMED_OUT: () => refuse('PERMISSION_DENIED', 'You cannot send messages in this room for a limited time.'),
};

/** Of a member who has to wait; the details of the change say how long. */
export const slowModeRefusals: StatusRefusals = {
  SLOW_MODE: (details) => {
    const { retryAfterMs } = details as { readonly retryAfterMs: number };
    const text = 'Slow mode is on in this room. Wait, then send the message again.';
    return refuse('RATE_LIMITED', text, { retryAfterMs, isSlowMode: true });
  },
};

const noPlace = () => refuse('CONFLICT', 'You have reached the limit of rooms. Leave a room first.');

export const BANNED = 'You are banned from this room.';

/** The refusals for the statuses of the write path. */
export const refusals: StatusRefusals = {
  NOT_FOUND: () => noRoom(),
  FORBIDDEN: () => refuse('PERMISSION_DENIED', 'Your role in this room does not allow this.'),
  RANK: () =>
    refuse(
      'PERMISSION_DENIED',
      'You can only manage members whose role is below yours, and give roles below yours.',
    ),
  ARCHIVED: roomArchived,
  MORE_RIGHTS: () =>
    refuse('PERMISSION_DENIED', 'That role would allow you more in this room than yours does now.'),
  DIRECT: () => refuse('CONFLICT', 'The members of a direct room cannot change.'),
  LAST_OWNER: () =>
    refuse('CONFLICT', 'You are the last owner. Make another member owner first, or delete the room.'),
  NO_USER: () => refuse('NOT_FOUND', 'One of these users does not exist.', { path: ['input', 'userIds'] }),
  NO_MEMBER: () =>
    refuse('NOT_FOUND', 'This user is not a member of the room.', { path: ['input', 'userId'] }),
  FULL: noPlace,
  NO_PLACE: noPlace,
  OTHERS_FULL: () =>
    refuse('CONFLICT', 'One of these users has reached the limit of rooms.', {
      path: ['input', 'userIds'],
    }),
  NOT_OPEN: () =>
    refuse('PERMISSION_DENIED', 'Not everybody can join this room: ask to join it, or use an invite.'),
  GUEST: () => refuse('CONFLICT', 'A guest can be in one room only, with the role GUEST.'),
  BLOCKED: () =>
    refuse('CONFLICT', 'You have blocked one of these users. Unblock the user first.', {
      path: ['input', 'userIds'],
    }),
  // Whether by a block or by a setting of the user, is not told.
  NOT_REACHABLE: () =>
    refuse('PERMISSION_DENIED', 'You cannot message or add one of these users.', {
      path: ['input', 'userIds'],
    }),
  BANNED: () => refuse('PERMISSION_DENIED', BANNED),
  USER_BANNED: () =>
    refuse('CONFLICT', 'One of these users is banned from the room. End the ban first.', {
      path: ['input', 'userIds'],
    }),
  KEY_CONFLICT: () => refuse('IDEMPOTENCY_CONFLICT', undefined, { path: ['input', 'idempotencyKey'] }),
};

export function accepted<Row extends Pick<Outcome, 'status'>>(row: Row): Row {
  const refusal = refusals[row.status];
  if (refusal) throw refusal();
  return row;
}
