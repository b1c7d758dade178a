import { type Frame, NO_BYTES } from './frames.ts';
import { Payload } from './payload.ts';

/** What a turn sends to one socket at most; the rest has to wait for the next. */
const TURN_BYTES = 256 * 1024;
const NO_FRAMES: Frame[] = [];

/** A socket, as far as sending needs it. */
export interface Transport {
  readonly isOpen: boolean;
  /** Whether the client takes what it is sent. */
  readonly hasRoom: boolean;
  /** Calls back, once, when there is room again. */
  whenRoom(listener: () => void): void;
  /** In order, in as few writes as it can. */
  send(frames: readonly Frame[]): void;
}

/** The frames of one socket in this turn of the event loop: they leave together. */
export class SendQueue {
  private readonly transport: Transport;
  private frames: Frame[] = NO_FRAMES;
  private size = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Whether the client keeps up. Otherwise nothing is taken for it: it costs a position and no memory. */
  get hasRoom(): boolean {
    return this.size < TURN_BYTES && this.transport.hasRoom;
  }

  /** Calls back once there is room again, at the earliest in the next turn. */
  whenRoom(listener: () => void): void {
    if (this.transport.hasRoom) setImmediate(listener);
    else this.transport.whenRoom(listener);
  }

  /** True for the first: somebody has to flush it. */
  push(frame: Frame): boolean {
    this.size += frame.payload.length;
    if (this.frames.length > 0) return this.frames.push(frame) === 1;
    this.frames = [frame]; // of one, as most are: an array that grows takes room for 17
    return true;
  }

  /** A message as graphql-ws made it: a JSON object. */
  pushText(text: string): boolean {
    return this.push({ prefix: NO_BYTES, middle: NO_BYTES, payload: Payload.of(text.slice(0, -1)) });
  }

  /** Bytes that wait for the end of the turn. */
  get waitingBytes(): number {
    return this.size;
  }

  flush(): void {
    const { frames } = this;
    if (frames.length === 0) return;
    this.frames = NO_FRAMES;
    this.size = 0;
    if (this.transport.isOpen) this.transport.send(frames);
  }
}
