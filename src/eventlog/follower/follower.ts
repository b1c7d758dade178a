import type { RoomEvent } from '../kinds.ts';

/** Called with the `events` that were just appended; with none if the follower was closed, or has no events. */
export type FollowerListener = (events: readonly RoomEvent[]) => void;

/** The common part of both kinds of follower: its users and its listeners. */
export abstract class Follower {
  private readonly listeners = new Set<FollowerListener>();
  private users = 0;
  private readonly onUnused: () => void;
  isClosed = false;

  constructor(onUnused: () => void) {
    this.onUnused = onUnused;
  }

  retain(): void {
    this.users++;
  }

  release(): void {
    if (--this.users > 0 || this.isClosed) return;
    this.close();
    this.onUnused();
  }

  close(): void {
    this.isClosed = true;
    this.wake();
  }

  /** `listener` must be quick and must not throw. */
  listen(listener: FollowerListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  protected wake(events: readonly RoomEvent[] = []): void {
    for (const listener of this.listeners) listener(events);
  }
}
