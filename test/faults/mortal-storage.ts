import { setTimeout as delay } from 'node:timers/promises';
import type { Rows, Storage } from '../../packages/client/src/index.ts';
import type { DeviceState, Doom } from './device-messages.ts';

/** How long a commit takes that is lost, in milliseconds: the client may do what does not wait for it. */
const LOST_AFTER_MS = 50;

/** A storage that can be told to end its process at a commit. Keeps in mind what is on the disk. */
export class MortalStorage implements Storage {
  doom: Doom | null = null;
  private readonly inner: Storage;
  private readonly onStored: () => void;
  private readonly heads = new Map<string, number>();
  private readonly waiting = new Set<string>();

  constructor(inner: Storage, onStored: () => void) {
    this.inner = inner;
    this.onStored = onStored;
  }

  get state(): Omit<DeviceState, 'status' | 'error'> {
    return { heads: Object.fromEntries(this.heads), waiting: this.waiting.size };
  }

  async load(): Promise<Rows> {
    const rows = new Map(await this.inner.load());
    this.note(rows);
    return rows;
  }

  async commit(changes: Rows): Promise<void> {
    if (this.doom === 'lost') {
      await delay(LOST_AFTER_MS);
      await die();
    }
    await this.inner.commit(changes);
    if (this.doom === 'stored' && changes.has('position')) await die();
    this.note(changes);
    this.onStored();
  }

  async close(): Promise<void> {
    await this.inner.close?.();
  }

  private note(rows: Rows): void {
    for (const [key, value] of rows) {
      const [group = '', id = ''] = key.split('\n');
      if (group === 'room') this.noteHead(id, value as { lastRoomSeq: number } | undefined);
      if (group === 'outbox' || group === 'reaction') this.noteEntry(key, value as { status?: string });
    }
  }

  private noteHead(roomId: string, room: { lastRoomSeq: number } | undefined): void {
    if (room) this.heads.set(roomId, room.lastRoomSeq);
    else this.heads.delete(roomId);
  }

  private noteEntry(key: string, entry: { status?: string } | undefined): void {
    if (entry && entry.status !== 'failed') this.waiting.add(key);
    else this.waiting.delete(key);
  }
}

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}
