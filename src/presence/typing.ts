import { loadUser } from '../accounts/people.ts';
import type { Services, SignedIn } from '../context.ts';
import type { EphemeralItem, PersonRecord, RoomEvent } from '../eventlog/kinds.ts';
import { messageCreated } from '../messages/events.ts';
import { refuse } from '../platform/errors.ts';
import { memo } from '../platform/memo.ts';
import { viewRoom } from '../rooms/access.ts';
import { memberLeft } from '../rooms/events.ts';
import { type CannotSendReason, obstaclesToSending, rightsIn } from '../rooms/permissions.ts';
import { roomIdOf } from '../rooms/rooms.ts';

/** Somebody counts as typing for so long after `setTyping`, unless it is called again. */
export const TYPING_MS = 6_000;
/** Clients call again this often while somebody types. */
export const TYPING_REPEAT_MS = 3_000;
/** Users in one TypingChanged item at most. */
export const MAX_TYPING_SHOWN = 20;

/** Who types in a room now: all of them are counted, the first are shown. */
export interface Typing {
  readonly roomId: number;
  readonly people: readonly PersonRecord[];
  readonly count: number;
}

export interface TypingItem extends EphemeralItem {
  readonly ephemeral: Typing;
}

const topicOf = (roomId: number) => `typing ${roomId}`;

/** Says that the viewer types in a room, for TYPING_MS, or does not any more. */
export async function setTyping(
  ctx: SignedIn,
  input: { readonly roomId: string; readonly isTyping: boolean },
): Promise<{ roomId: string; expiresAt: Date | null }> {
  const [roomId, { userId }] = [roomIdOf(input.roomId), ctx.viewer];
  await ctx.node.limits.spend('typing', userId);
  await requireSender(ctx, roomId);
  const { id, username, displayName } = await loadUser(ctx, userId);
  const shown = input.isTyping ? JSON.stringify({ id, username, displayName }) : null;
  if (!ctx.node.ephemeral.publish(topicOf(roomId), `${userId}`, shown, TYPING_MS))
    throw refuse('UNAVAILABLE');
  return { roomId: input.roomId, expiresAt: input.isTyping ? new Date(Date.now() + TYPING_MS) : null };
}

const obstacles: Record<Exclude<CannotSendReason, 'NOT_A_MEMBER'>, () => Error> = {
  ARCHIVED: () => refuse('CONFLICT', 'The room is archived: it can be read, not changed.'),
  NOT_PERMITTED: () => refuse('PERMISSION_DENIED', 'Your role in this room does not allow it.'),
  TIMED_OUT: () => refuse('PERMISSION_DENIED', 'You may not write in this room for a while.'),
};

/** Typing announces a message, so it needs what posting needs. */
async function requireSender(ctx: SignedIn, roomId: number): Promise<void> {
  await viewRoom(ctx, roomId); // one statement reads what is judged by
  const [obstacle] = obstaclesToSending(await rightsIn(ctx, roomId));
  if (obstacle === 'NOT_A_MEMBER')
    throw refuse('NOT_FOUND', 'There is no such room, or you are not in it.', { path: ['input', 'roomId'] });
  if (obstacle) throw obstacles[obstacle]();
}

/** Who types in one room, for all of its streams on this node. */
class TypingRoom {
  readonly listeners = new Set<() => void>();
  private readonly node: Services;
  private readonly roomId: number;
  private readonly close: () => void;
  private readonly values: ReturnType<Services['ephemeral']['subscribe']>;
  private known: TypingItem | null = null;

  constructor(node: Services, roomId: number, head: number, epoch: number) {
    this.node = node;
    this.roomId = roomId;
    const tail = node.logFollower.followRoom(roomId, head, epoch);
    const unlisten = tail.listen((events) => this.apply(events));
    this.values = node.ephemeral.subscribe(topicOf(roomId), () => this.change());
    this.close = () => {
      this.values.close();
      unlisten();
      tail.release();
    };
  }

  /** The same object until something changes. */
  get item(): TypingItem {
    this.known ??= { kind: 'TypingChanged', ephemeral: this.read() };
    return this.known;
  }

  leave(listener: () => void): boolean {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return false;
    this.close();
    return true;
  }

  private read(): Typing {
    const all = [...this.values.values.values()];
    const people = all
      .slice(0, MAX_TYPING_SHOWN)
      .map((json): PersonRecord => ({ ...JSON.parse(json), deletedAt: null }));
    return { roomId: this.roomId, people, count: all.length };
  }

  private change(): void {
    this.values.take();
    this.known = null;
    for (const listener of this.listeners) listener();
  }

  /** Whoever has sent the message, or left, does not type any more. */
  private apply(events: readonly RoomEvent[]): void {
    for (const { kind, actorId, subject } of events) {
      const userId = kind === messageCreated.name ? actorId : kind === memberLeft.name ? subject : null;
      if (userId !== null) this.node.ephemeral.forget(topicOf(this.roomId), `${userId}`);
    }
  }
}

const roomsOf = memo((_node: Services) => new Map<string, TypingRoom>());

/** The typing of one room, as one of its streams gets it: the whole set at first, and at each change. */
export class TypingFeed {
  onWake: () => void = () => undefined;
  private readonly room: TypingRoom;
  private readonly onClose: () => void;
  private taken: TypingItem | null = null;

  constructor(node: Services, roomId: number, head: number, epoch: number) {
    const rooms = roomsOf(node);
    const key = `${epoch} ${roomId}`;
    const room = rooms.get(key) ?? new TypingRoom(node, roomId, head, epoch);
    rooms.set(key, room);
    const listener = () => this.onWake();
    room.listeners.add(listener);
    this.room = room;
    this.onClose = () => {
      if (room.leave(listener)) rooms.delete(key);
    };
  }

  get hasNews(): boolean {
    return this.taken !== this.room.item;
  }

  take(): TypingItem | null {
    if (!this.hasNews) return null;
    this.taken = this.room.item;
    return this.taken;
  }

  close(): void {
    this.onClose();
  }
}
