// Frames of RFC 6455, section 5.2, as a server sends text: whole, unmasked, uncompressed.
const TEXT = 0x81;

/** One text frame, in two pieces: what one subscriber gets, around what many do. */
export interface Frame {
  readonly head: Buffer;
  readonly payload: Buffer;
}

const CLOSING_BRACE = 0x7d;

const lengthOf = ({ head, payload }: Frame) => head.length + payload.length + 1;

function headerLength(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

/** Frames as they go over the wire, one after the other. Each message is `head`, `payload` and a closing brace. */
export function encodeFrames(frames: readonly Frame[]): Buffer {
  let size = 0;
  for (const frame of frames) {
    const length = lengthOf(frame);
    size += headerLength(length) + length;
  }
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const frame of frames) at = writeFrame(bytes, at, frame);
  return bytes;
}

function writeFrame(bytes: Buffer, start: number, frame: Frame): number {
  let at = writeHeader(bytes, start, lengthOf(frame));
  bytes.set(frame.head, at);
  at += frame.head.length;
  bytes.set(frame.payload, at);
  at += frame.payload.length;
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

/** The message as text, for what cannot be written as bytes. */
export function messageOf({ head, payload }: Frame): string {
  return `${head.toString()}${payload.toString()}}`;
}
