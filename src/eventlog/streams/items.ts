import type { AccountEvent, EphemeralItem, RoomEvent } from '../kinds.ts';

export type ResyncReason = 'CURSOR_EXPIRED' | 'CURSOR_FOREIGN' | 'ACCESS_CHANGED';

export type CloseReason =
  | 'SERVER_DRAINING'
  | 'SLOW_CONSUMER'
  | 'OVERLOADED'
  | 'ACCESS_LOST'
  | 'SESSION_ENDED'
  | 'AUTH_EXPIRED'
  | 'NOT_FOUND'
  | 'INVALID_CURSOR'
  | 'LIMIT_REACHED'
  | 'INTERNAL';

/** The control items of a stream. They are data like the events, so that clients do not depend on close codes. */
export type ControlItem =
  | { readonly kind: 'StreamReady'; readonly cursor: string; readonly replayedCount: number }
  | { readonly kind: 'Heartbeat'; readonly cursor: string; readonly serverTime: Date }
  | { readonly kind: 'AuthExpiring'; readonly expiresAt: Date }
  | { readonly kind: 'ResyncRequired'; readonly resyncReason: ResyncReason }
  | {
      readonly kind: 'StreamClosed';
      readonly closeReason: CloseReason;
      readonly retryable: boolean;
      readonly retryAfterMs: number | null;
    };

export interface RoomItem {
  readonly kind: string;
  readonly cursor: string;
  readonly epoch: number;
  /** All receivers of the event get this item, with this cursor. */
  readonly isForAll?: true;
  readonly event: RoomEvent;
}

export interface AccountItem {
  readonly kind: string;
  readonly cursor: string;
  readonly event: AccountEvent;
}

/** The items of a log, and the control items. */
export type SourceItem = RoomItem | AccountItem | ControlItem;

export type StreamItem = SourceItem | EphemeralItem;

const retryable: Record<CloseReason, boolean> = {
  SERVER_DRAINING: true,
  SLOW_CONSUMER: true,
  OVERLOADED: true,
  AUTH_EXPIRED: true,
  INTERNAL: true,
  ACCESS_LOST: false,
  SESSION_ENDED: false,
  NOT_FOUND: false,
  INVALID_CURSOR: false,
  LIMIT_REACHED: false,
};

export function closed(closeReason: CloseReason, retryAfterMs: number | null = null): ControlItem {
  return { kind: 'StreamClosed', closeReason, retryable: retryable[closeReason], retryAfterMs };
}

export function resync(resyncReason: ResyncReason): ControlItem {
  return { kind: 'ResyncRequired', resyncReason };
}

export const isEvent = (item: StreamItem): item is RoomItem | AccountItem => 'event' in item;

export const isRoomItem = (item: StreamItem): item is RoomItem =>
  isEvent(item) && !('accountSeq' in item.event);

export const isEphemeral = (item: StreamItem): item is EphemeralItem => 'ephemeral' in item;

export const isLast = (item: StreamItem) =>
  !isEvent(item) && !isEphemeral(item) && (item.kind === 'ResyncRequired' || item.kind === 'StreamClosed');
