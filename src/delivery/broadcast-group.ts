import type { RoomFollower } from '../eventlog/follower/room-follower.ts';
import type { RoomEvent } from '../eventlog/kinds.ts';
import type { EventRegistry } from '../eventlog/registry.ts';
import type { RoomItem } from '../eventlog/streams/items.ts';
import { roomItem } from '../eventlog/streams/room-source.ts';
import type { FlushScheduler, Participant } from './flush-scheduler.ts';

/** Items that are being rendered at once. */
export const MAX_RENDERING = 64;

/** What a subscription did with an item: it waits for the rendering of a pending one by itself. */
export type Heard = 'sent' | 'pending' | 'refused';

/** A subscription that can follow a room together with others. */
export interface Listener {
  /** Resolves when the shared rendering of the item is there; null where it is now, or where there is none. */
  prepare(item: RoomItem): Promise<unknown> | null;
  /** Takes note of an event that changes rights. */
  applyRights(event: RoomEvent): void;
  /** Takes the item, unless it has no room for it now. Only a listener that has sent it can go on with the others. */
  hear(item: RoomItem): Heard;
  /** It is on its own again; that is the last number that it was given. */
  goOnFrom(roomSeq: number): void;
}

/**
 * Subscriptions of one room that selected the same and have taken all there is. They stand at the same place, so the
 * place is kept once, and events are handed to one after the other. A subscription in another position (a full socket,
 * something of its own to be told) goes on alone, and comes back when it has caught up. So do all of them for events
 * that may end somebody's access. What has to be read from the database first is waited for together.
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
  /** Some item had to be waited for: then every item is prepared for everybody before anybody hears it. */
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

  /** `listener` has everything up to the last number that the follower has read. False where the others have not. */
  add(listener: Listener): boolean {
    this.pump(); // to where the newcomer stands
    if (this.listeners.size === 0) {
      this.unlisten = this.follower.listen(this.wake);
      this.position = this.follower.last;
    }
    if (this.position !== this.follower.last) return false;
    this.listeners.add(listener);
    return true;
  }

  /** Returns the last number that `listener` was given. */
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

  /** What is rendered at once is read at once, and told in one turn. Whether it fails is seen when its turn comes. */
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
      this.dismissAll(); // each of them is told why
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

  /** `roomSeq`: the last number that the listener was given. */
  private dismiss(listener: Listener, roomSeq = this.position): void {
    if (!this.listeners.has(listener)) return;
    this.leave(listener);
    listener.goOnFrom(roomSeq);
  }
}

/** All broadcast groups of a node's sockets, by what they selected and the room that they follow. */
export class BroadcastGroups {
  readonly scheduler: FlushScheduler;
  private readonly registry: EventRegistry;
  private readonly byOperation = new Map<object, Map<RoomFollower, BroadcastGroup>>();

  constructor(scheduler: FlushScheduler, registry: EventRegistry) {
    this.scheduler = scheduler;
    this.registry = registry;
  }

  /** The broadcast group that `listener` is in from now on, until it leaves or has to go on alone. Null: not now. */
  join(operation: object, follower: RoomFollower, listener: Listener): Pick<BroadcastGroup, 'leave'> | null {
    const known = this.byOperation.get(operation)?.get(follower);
    const group =
      known ??
      new BroadcastGroup(this.scheduler, this.registry, follower, () => this.drop(operation, follower));
    if (!group.add(listener)) return null; // which may have emptied, and hence dropped it before
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
