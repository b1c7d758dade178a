import { isMessageKind, type RoomEvent } from '../eventlog/kinds.ts';
import { roomItem } from '../eventlog/room-source.ts';
import type { RoomItem } from '../eventlog/stream.ts';
import type { RoomTail } from '../eventlog/tail.ts';
import type { Member, Turns } from './turns.ts';

/** A subscription that can follow a room together with others. */
export interface Listener {
  /** Takes the item; false where it cannot, now or in this way. */
  hear(item: RoomItem): boolean;
  /** It is on its own again; that is the last number that it was given. */
  goOnFrom(roomSeq: number): void;
}

/**
 * Subscriptions of one room that selected the same and have taken all there is. They stand at the same place, so the
 * place is kept once, and messages are handed to one after the other. Whoever is in another position (a full socket,
 * something of its own to be told, an answer that takes a while) goes on alone, and comes back when it has caught up.
 * So does everybody for events that are not messages: those may end somebody's access.
 */
class Audience implements Member {
  isDue = false;
  private readonly tail: RoomTail;
  private readonly onEmpty: () => void;
  private readonly listeners = new Set<Listener>();
  private readonly wake: () => void;
  private unlisten: () => void = () => undefined;
  private position = 0;

  constructor(turns: Turns, tail: RoomTail, onEmpty: () => void) {
    this.tail = tail;
    this.onEmpty = onEmpty;
    this.wake = () => turns.add(this);
  }

  /** `listener` has everything up to the last number that the tail has read. */
  add(listener: Listener): void {
    this.pump(); // to where the newcomer stands
    if (this.listeners.size === 0) this.unlisten = this.tail.listen(this.wake);
    this.position = this.tail.last;
    this.listeners.add(listener);
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
    while (this.listeners.size > 0) {
      const event = this.tail.isClosed ? undefined : this.tail.get(this.position + 1);
      if (event === null) return;
      if (!event || !isMessageKind(event.kind)) return this.dismissAll();
      this.tell(event);
    }
  }

  private tell(event: RoomEvent): void {
    const item = roomItem(this.tail.epoch, event);
    for (const listener of this.listeners) if (!listener.hear(item)) this.dismiss(listener);
    this.position++;
  }

  private dismissAll(): void {
    for (const listener of this.listeners) this.dismiss(listener);
  }

  private dismiss(listener: Listener): void {
    if (this.listeners.has(listener)) listener.goOnFrom(this.leave(listener));
  }
}

/** All audiences of a node's sockets, by what they selected and the room that they follow. */
export class Audiences {
  readonly turns: Turns;
  private readonly bySelection = new Map<object, Map<RoomTail, Audience>>();

  constructor(turns: Turns) {
    this.turns = turns;
  }

  /** The audience that `listener` is in from now on, until it leaves or has to go on alone. */
  join(selection: object, tail: RoomTail, listener: Listener): Pick<Audience, 'leave'> {
    const known = this.bySelection.get(selection)?.get(tail);
    const audience = known ?? new Audience(this.turns, tail, () => this.drop(selection, tail));
    audience.add(listener); // which may have emptied, and hence dropped it before
    const ofRooms = this.bySelection.get(selection) ?? new Map<RoomTail, Audience>();
    this.bySelection.set(selection, ofRooms.set(tail, audience));
    return audience;
  }

  private drop(selection: object, tail: RoomTail): void {
    const ofRooms = this.bySelection.get(selection);
    ofRooms?.delete(tail);
    if (ofRooms?.size === 0) this.bySelection.delete(selection);
  }
}
