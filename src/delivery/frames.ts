import type { Payload } from './payload.ts';

// Frames of RFC 6455, section 5.2, in the form that a server sends text: whole, unmasked, uncompressed.
const TEXT = 0x81;

/** A text frame in pieces: one for one subscriber, one for all frames of its kind, and one for many subscribers. */
export interface Frame {
  readonly prefix: Uint8Array;
  readonly middle: Uint8Array;
  readonly payload: Payload;
}

export const NO_BYTES = new Uint8Array(0);

const CLOSING_BRACE = 0x7d;
const MIN_BYTES = 16 * 1024;

const lengthOf = ({ prefix, middle, payload }: Frame) => prefix.length + middle.length + payload.length + 1;

function headerLength(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

/**
 * Encodes frames. A thousand subscribers of a room get the same payloads one after the other, with different prefixes
 * and values. If the lengths are equal, only these are written, into the bytes of the previous frames. This saves a
 * copy and garbage collection.
 */
export class FrameWriter {
  private bytes = Buffer.alloc(0);
  /** The part of `bytes` that the last call returned. Creating a view costs as much as patching one. */
  private written = this.bytes;
  private frames: readonly Frame[] = [];
  /** The start of each prefix. */
  private starts: number[] = [];

  /** Returns the bytes to send. They are valid until the next call, or for ever after `keep`. */
  encode(frames: readonly Frame[]): Buffer {
    if (this.isLike(frames)) for (let i = 0; i < frames.length; i++) this.patch(i, frames[i] as Frame);
    else this.writeAll(frames);
    this.frames = frames;
    return this.written;
  }

  /** Keeps the bytes of the last call valid. */
  keep(): void {
    this.bytes = Buffer.alloc(0);
    this.frames = [];
  }

  private isLike(frames: readonly Frame[]): boolean {
    const { frames: last } = this;
    if (frames.length !== last.length) return false;
    for (let i = 0; i < frames.length; i++) {
      const [one, other] = [frames[i] as Frame, last[i] as Frame];
      if (one.middle !== other.middle || one.prefix.length !== other.prefix.length) return false;
      if (one.payload !== other.payload && !one.payload.isAlignedWith(other.payload)) return false;
    }
    return true;
  }

  private patch(index: number, { prefix, middle, payload }: Frame): void {
    let at = this.starts[index] as number;
    this.bytes.set(prefix, at);
    const last = (this.frames[index] as Frame).payload;
    if (payload === last) return;
    at += prefix.length + middle.length;
    for (let i = 0; i < payload.pieces.length; i++) {
      const piece = payload.pieces[i] as Uint8Array;
      if (piece !== last.pieces[i]) this.bytes.set(piece, at);
      at += piece.length;
    }
  }

  private writeAll(frames: readonly Frame[]): void {
    const size = frames.reduce((sum, frame) => sum + headerLength(lengthOf(frame)) + lengthOf(frame), 0);
    if (this.bytes.length < size) this.bytes = Buffer.allocUnsafeSlow(Math.max(size, MIN_BYTES));
    if (this.written.buffer !== this.bytes.buffer || this.written.length !== size)
      this.written = this.bytes.subarray(0, size);
    this.starts = [];
    let at = 0;
    for (const frame of frames) {
      this.starts.push(at + headerLength(lengthOf(frame)));
      at = writeFrame(this.bytes, at, frame);
    }
  }
}

function writeFrame(bytes: Buffer, start: number, frame: Frame): number {
  let at = writeHeader(bytes, start, lengthOf(frame));
  bytes.set(frame.prefix, at);
  at += frame.prefix.length;
  bytes.set(frame.middle, at);
  at += frame.middle.length;
  for (const piece of frame.payload.pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  bytes[at] = CLOSING_BRACE;
  return at + 1;
}

function writeHeader(bytes: Buffer, at: number, length: number): number {
  bytes[at] = TEXT;
  const size = headerLength(length);
  if (size === 2) bytes[at + 1] = length;
  else if (size === 4) {
    bytes[at + 1] = 126;
    bytes.writeUInt16BE(length, at + 2);
  } else {
    bytes[at + 1] = 127;
    bytes.writeUInt32BE(0, at + 2);
    bytes.writeUInt32BE(length, at + 6);
  }
  return at + size;
}

/** Returns the message as text, for transports that do not take bytes. */
export function messageOf({ prefix, middle, payload }: Frame): string {
  return `${Buffer.concat([prefix, middle, ...payload.pieces]).toString()}}`;
}
