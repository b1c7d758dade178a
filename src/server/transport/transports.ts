import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { type Frame, type FrameWriter, messageOf } from '../../delivery/frames.ts';
import type { Transport } from '../../delivery/send-queue.ts';

/** Listeners that are called once, together. */
class Waiting {
  private listeners: (() => void)[] = [];

  add(listener: () => void): void {
    this.listeners.push(listener);
  }

  wake(): void {
    for (const listener of this.listeners.splice(0)) listener();
  }
}

/** Writes to the TCP socket without ws: all frames in one write. ws also writes whole frames, so the two do not mix. */
export class PlainTransport implements Transport {
  private readonly ws: WebSocket;
  private readonly raw: Socket;
  private readonly writer: FrameWriter;
  private readonly waiting = new Waiting();
  hasRoom = true;

  /** `writer` may be shared by transports that send one after the other. */
  constructor(ws: WebSocket, raw: Socket, writer: FrameWriter) {
    this.ws = ws;
    this.raw = raw;
    this.writer = writer;
    raw.on('drain', () => {
      this.hasRoom = true;
      this.waiting.wake();
    });
  }

  get isOpen(): boolean {
    return this.ws.readyState === this.ws.OPEN;
  }

  whenRoom(listener: () => void): void {
    this.waiting.add(listener);
  }

  send(frames: readonly Frame[]): void {
    this.hasRoom = this.raw.write(this.writer.encode(frames));
    // Most writes are complete when they return. Otherwise the system still has to read the bytes.
    if (this.raw.writableLength > 0) this.writer.keep();
  }
}

/** Compression runs outside the event loop, so data waits in ws and not in the socket. */
const MAX_WAITING_BYTES = 256 * 1024;

/** Writes through ws, which compresses every message. */
export class CompressedTransport implements Transport {
  private readonly ws: WebSocket;
  private readonly waiting = new Waiting();

  constructor(ws: WebSocket) {
    this.ws = ws;
  }

  get isOpen(): boolean {
    return this.ws.readyState === this.ws.OPEN;
  }

  get hasRoom(): boolean {
    return this.ws.bufferedAmount < MAX_WAITING_BYTES;
  }

  whenRoom(listener: () => void): void {
    this.waiting.add(listener);
  }

  send(frames: readonly Frame[]): void {
    const onSent = () => this.hasRoom && this.waiting.wake();
    for (const frame of frames) this.ws.send(messageOf(frame), onSent);
  }
}
