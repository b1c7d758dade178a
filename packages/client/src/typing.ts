import { FollowTypingDocument } from './generated/documents.ts';
import type { Person } from './reducer.ts';
import type { Socket } from './socket.ts';
import type { Store } from './store.ts';

/** How long a room is watched without renewal, in milliseconds, because a tab may disappear without notice. */
const LEASE_MS = 30_000;
/** How often an observer renews its watch, in milliseconds. */
export const RENEW_MS = 20_000;

/** Follows the typing users of observed rooms, over the connection of the inbox. */
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

  /** Continues over another connection; null: there is none. */
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
