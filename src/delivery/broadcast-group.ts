import type { RoomFollower } from '../eventlog/follower/room-follower.ts';
import type { RoomEvent } from '../eventlog/kinds.ts';
import type { EventRegistry } from '../eventlog/registry.ts';
import type { RoomItem } from '../eventlog/streams/items.ts';
import { roomItem } from '../eventlog/streams/room-source.ts';
import type { FlushScheduler, Participant } from './flush-scheduler.ts';

/** Maximum of items that are rendered at once. */
export const MAX_RENDERING = 64;

/** The result of a subscription for an item. After `pending` it waits for the rendering itself. */
export type Heard = 'sent' | 'pending' | 'refused';

/** A subscription that can follow a room together with others. */
export interface Listener {
  /** Resolves when the shared text of the item is ready; null if it is ready now, or if there is none. */
  prepare(item: RoomItem): Promise<unknown> | null;
  /** Applies an event that changes rights. */
  applyRights(event: RoomEvent): void;
  /** Takes the item, unless it has no room for it now. Only a listener that sent it stays in the group. */
  hear(item: RoomItem): Heard;
  /** Leaves the group; `roomSeq` is the last number that the listener got. */
  goOnFrom(roomSeq: number): void;
}

/**
 * Subscriptions of one room with the same selection that have all events. They are at the same position, so the group
 * keeps it once and hands events to one after the other. A subscription at another position (a full socket, an own item
 * to send) leaves the group, and joins it again when it has caught up. All leave it for events that may end access. If
 * an item needs data from the database, the group waits once for all.
 */
class BroadcastGroup implements Participant {
  isDue = false;
  private readonly registry: EventRegistry;
  private readonly follower: RoomFollower;
  private readonly onEmpty: () => void;
  private readonly listeners = new Set<Listener>();
  private readonly wake: () => void;
  private unlisten: () => void = () => undefined;
  private position = 0;
  private isWaiting = false;
  /** An item had to be waited for: from now on every item is prepared before the listeners get it. */
  private hasWaited = false;

  constructor(
    scheduler: FlushScheduler,
    registry: EventRegistry,
    follower: RoomFollower,
    onEmpty: () => void,
  ) {
    this.registry = registry;
    this.follower = follower;
    this.onEmpty = onEmpty;
    this.wake = () => scheduler.add(this);
  }

  /** Adds a listener that has all events that the follower has read. Returns false if the others do not. */
  add(listener: Listener): boolean {
    this.pump(); // up to the position of the new listener
    if (this.listeners.size === 0) {
      this.unlisten = this.follower.listen(this.wake);
      this.position = this.follower.last;
    }
    if (this.position !== this.follower.last) return false;
    this.listeners.add(listener);
    return true;
  }

  /** Returns the last number that `listener` got. */
  leave(listener: Listener): number {
    if (this.listeners.delete(listener) && this.listeners.size === 0) {
      this.unlisten();
      this.onEmpty();
    }
    return this.position;
  }

  pump(): void {
    if (this.hasWaited && !this.isWaiting) this.prepareAhead();
    while (this.listeners.size > 0 && !this.isWaiting) {
      const event = this.follower.isClosed ? undefined : this.follower.get(this.position + 1);
      if (event === null) return;
      if (!event || this.effectOf(event) === 'access') return this.dismissAll();
      const item = roomItem(this.follower.epoch, event);
      const preparing = this.prepare(item);
      if (preparing) this.waitFor(preparing);
      else this.tell(item);
    }
  }

  /**
   * Items that are rendered at once are read at once, and sent in one turn. A failure is handled when the item's turn
   * comes.
   */
  private prepareAhead(): void {
    for (let roomSeq = this.position + 1; roomSeq <= this.position + MAX_RENDERING; roomSeq++) {
      const event = this.follower.get(roomSeq);
      if (!event || this.effectOf(event) === 'access') return;
      this.prepare(roomItem(this.follower.epoch, event))?.catch(() => undefined);
    }
  }

  private prepare(item: RoomItem): Promise<unknown> | null {
    for (const listener of this.listeners) {
      const preparing = listener.prepare(item);
      if (preparing || !this.hasWaited) return preparing;
    }
    return null;
  }

  private waitFor(preparing: Promise<unknown>): void {
    this.isWaiting = true;
    this.hasWaited = true;
    const goOn = () => {
      this.isWaiting = false;
      this.wake();
    };
    preparing.then(goOn, () => {
      goOn();
      this.dismissAll(); // each of them gets the reason
    });
  }

  private tell(item: RoomItem): void {
    const changesRights = this.effectOf(item.event) === 'rights';
    for (const listener of this.listeners) {
      if (changesRights) listener.applyRights(item.event);
      const heard = listener.hear(item);
      if (heard !== 'sent') this.dismiss(listener, heard === 'pending' ? this.position + 1 : this.position);
    }
    this.position++;
  }

  private effectOf(event: RoomEvent) {
    return this.registry.effectOf(event);
  }

  private dismissAll(): void {
    for (const listener of this.listeners) this.dismiss(listener);
  }

  /** `roomSeq`: the last number that the listener got. */
  private dismiss(listener: Listener, roomSeq = this.position): void {
    if (!this.listeners.has(listener)) return;
    this.leave(listener);
    listener.goOnFrom(roomSeq);
  }
}

/** All broadcast groups of a node's sockets, by selection and followed room. */
export class BroadcastGroups {
  readonly scheduler: FlushScheduler;
  private readonly registry: EventRegistry;
  private readonly byOperation = new Map<object, Map<RoomFollower, BroadcastGroup>>();

  constructor(scheduler: FlushScheduler, registry: EventRegistry) {
    this.scheduler = scheduler;
    this.registry = registry;
  }

  /** Adds `listener` to a broadcast group, until it leaves or is dismissed. Returns null if it cannot join now. */
  join(operation: object, follower: RoomFollower, listener: Listener): Pick<BroadcastGroup, 'leave'> | null {
    const known = this.byOperation.get(operation)?.get(follower);
    const group =
      known ??
      new BroadcastGroup(this.scheduler, this.registry, follower, () => this.drop(operation, follower));
    if (!group.add(listener)) return null; // which may have emptied the group, and so removed it
    const ofRooms = this.byOperation.get(operation) ?? new Map<RoomFollower, BroadcastGroup>();
    this.byOperation.set(operation, ofRooms.set(follower, group));
    return group;
  }

  private drop(operation: object, follower: RoomFollower): void {
    const ofRooms = this.byOperation.get(operation);
    ofRooms?.delete(follower);
    if (ofRooms?.size === 0) this.byOperation.delete(operation);
  }
}
