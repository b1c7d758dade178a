/**
 * Positions as clients keep them: short opaque strings. Nothing in them is secret or signed: a forged one can only name
 * positions in rooms that its holder may read anyway. Decoding is strict; anything odd is refused.
 */

/** A cursor that Parley did not make, or that belongs to another stream. */
export class InvalidCursor extends Error {}

/** The bytes of a cursor to be. */
export class CursorWriter {
  private bytes = Buffer.allocUnsafe(256);
  length = 0;

  reserve(count: number): number {
    while (this.length + count > this.bytes.length) {
      const larger = Buffer.allocUnsafe(this.bytes.length * 2);
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    const at = this.length;
    this.length += count;
    return at;
  }
  byte(value: number): void {
    const at = this.reserve(1);
    this.bytes[at] = value;
  }
  set(at: number, value: number): void {
    this.bytes[at] = value;
  }
  or(at: number, value: number): void {
    this.bytes[at] = (this.bytes[at] ?? 0) | value;
  }
  zeros(count: number): number {
    const at = this.reserve(count);
    this.bytes.fill(0, at, at + count);
    return at;
  }
  fixed(value: number, size: 2 | 4): void {
    const at = this.reserve(size);
    this.bytes.writeUIntBE(value, at, size);
  }
  /** Seven bits per byte, the lowest first (LEB128). */
  unsigned(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }
  /** Zigzag, so that small negative numbers stay short. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -value * 2 - 1 : value * 2);
  }
  cut(length: number): void {
    this.length = length;
  }
  toString(): string {
    return this.bytes.toString('base64url', 0, this.length);
  }
}

/** Reads the bytes of a cursor; each method throws InvalidCursor for unexpected bytes. */
export class CursorReader {
  private readonly bytes: Buffer;
  at = 0;

  constructor(text: string) {
    this.bytes = Buffer.from(text, 'base64url');
    // Accepts one spelling only, because clients compare cursors as strings.
    if (this.bytes.toString('base64url') !== text) throw new InvalidCursor();
  }
  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new InvalidCursor();
    return value;
  }
  fixed(size: 2 | 4): number {
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.byte();
    return value;
  }
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = this.byte();
      value += (next & 127) * scale;
      if (!Number.isSafeInteger(value) || scale > 2 ** 49) throw new InvalidCursor();
      if (next < 128) return value;
    }
  }
  signed(): number {
    const value = this.unsigned();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }
  end(): void {
    if (this.at !== this.bytes.length) throw new InvalidCursor();
  }
}
