import type { Duplex } from 'node:stream';
import { encodeFrames, type Frame, messageOf } from './frames.ts';

/** What a turn sends to one socket at most; the rest has to wait for the next. */
const TURN_BYTES = 256 * 1024;
const NOTHING = Buffer.alloc(0);

/** A socket, as far as sending needs it. */
export interface Wire {
  isOpen(): boolean;
  /** Null where every message must pass through the WebSocket's own sender (compression). */
  readonly raw: Duplex | null;
  sendText(text: string): void;
}

/** What one socket is owed in this turn of the event loop: it leaves in one write. */
export class Outbox {
  private readonly wire: Wire;
  private frames: Frame[] = [];
  private size = 0;
  private listeners: (() => void)[] = [];

  constructor(wire: Wire) {
    this.wire = wire;
    wire.raw?.on('drain', () => this.wake());
  }

  /** Whether the client keeps up. Otherwise nothing is taken for it: it costs a position and no memory. */
  get hasRoom(): boolean {
    return this.size < TURN_BYTES && !this.wire.raw?.writableNeedDrain;
  }

  /** Calls back once there is room again. */
  whenRoom(listener: () => void): void {
    if (this.wire.raw?.writableNeedDrain) this.listeners.push(listener);
    else setImmediate(listener);
  }

  /** True for the first: somebody has to flush it. */
  push(frame: Frame): boolean {
    this.size += frame.payload.length;
    return this.frames.push(frame) === 1;
  }

  /** A message as graphql-ws made it: a JSON object. */
  pushText(text: string): boolean {
    return this.push({ head: NOTHING, payload: Buffer.from(text.slice(0, -1)) });
  }

  /** Bytes that wait for the end of the turn. */
  get waitingBytes(): number {
    return this.size;
  }

  flush(): void {
    const { frames } = this;
    if (frames.length === 0) return;
    this.frames = [];
    this.size = 0;
    if (!this.wire.isOpen()) return;
    if (this.wire.raw) this.wire.raw.write(encodeFrames(frames));
    else for (const frame of frames) this.wire.sendText(messageOf(frame));
  }

  private wake(): void {
    for (const listener of this.listeners.splice(0)) listener();
  }
}
