import { type Frame, NO_BYTES } from './frames.ts';
import { Payload } from './payload.ts';

/** Maximum of bytes for one socket in a turn; the rest waits for the next turn. */
const TURN_BYTES = 256 * 1024;
const NO_FRAMES: Frame[] = [];

/** The part of a socket that sending needs. */
export interface Transport {
  readonly isOpen: boolean;
  /** Whether the client reads fast enough to accept more. */
  readonly hasRoom: boolean;
  /** Calls the listener once, when there is room again. */
  whenRoom(listener: () => void): void;
  /** Sends the frames in order, in as few writes as possible. */
  send(frames: readonly Frame[]): void;
}

/** The frames of one socket in this turn of the event loop: they are sent together. */
export class SendQueue {
  private readonly transport: Transport;
  private frames: Frame[] = NO_FRAMES;
  private size = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Whether the client keeps up. If not, no item is taken for it: it costs a position and no memory. */
  get hasRoom(): boolean {
    return this.size < TURN_BYTES && this.transport.hasRoom;
  }

  /** Calls the listener when there is room again, at the earliest in the next turn. */
  whenRoom(listener: () => void): void {
    if (this.transport.hasRoom) setImmediate(listener);
    else this.transport.whenRoom(listener);
  }

  /** Returns true for the first frame: the caller must schedule a flush. */
  push(frame: Frame): boolean {
    this.size += frame.payload.length;
    if (this.frames.length > 0) return this.frames.push(frame) === 1;
    this.frames = [frame]; // an array with one element, because most have one; a growing array allocates 17
    return true;
  }

  /** Adds a message of graphql-ws: a JSON object. */
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
