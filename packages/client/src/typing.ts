import { FollowTypingDocument } from './generated/documents.ts';
import type { Person } from './reducer.ts';
import type { Socket } from './socket.ts';
import type { Store } from './store.ts';

/** A room is watched for this long, in milliseconds, unless somebody asks again: a tab may vanish without a word. */
const LEASE_MS = 30_000;
/** So often somebody who looks at a room asks again, in milliseconds. */
export const RENEW_MS = 20_000;

/** Follows who is typing in the rooms that somebody looks at, over the connection of the inbox. */
export class Typing {
  private readonly store: Store;
  private socket: Socket | null = null;
  private readonly leases = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly stops = new Map<string, () => void>();

  constructor(store: Store) {
    this.store = store;
  }

  watch(roomId: string): void {
    clearTimeout(this.leases.get(roomId));
    this.leases.set(
      roomId,
      setTimeout(() => this.leave(roomId), LEASE_MS),
    );
    this.follow(roomId);
  }

  /** Goes on over another connection; null: over none. */
  connect(socket: Socket | null): void {
    this.socket = socket;
    this.stops.clear();
    this.store.update((model) => ({ ...model, typing: {} }));
    for (const roomId of this.leases.keys()) this.follow(roomId);
  }

  close(): void {
    for (const roomId of [...this.leases.keys()]) this.leave(roomId);
  }

  private leave(roomId: string): void {
    clearTimeout(this.leases.get(roomId));
    this.leases.delete(roomId);
    this.stops.get(roomId)?.();
  }

  private follow(roomId: string): void {
    const { socket } = this;
    if (!socket || this.stops.has(roomId)) return;
    const onEnd = () => {
      if (socket !== this.socket) return;
      this.stops.delete(roomId);
      this.show(roomId, []);
    };
    const stop = socket.subscribe(FollowTypingDocument, { id: roomId }, onEnd, ({ room }) => {
      if (room.__typename === 'TypingChanged' && socket === this.socket) this.show(roomId, room.users);
    });
    this.stops.set(roomId, stop);
  }

  private show(roomId: string, people: readonly Person[]): void {
    this.store.update((model) => ({ ...model, typing: { ...model.typing, [roomId]: people } }));
  }
}
