/** The JSON of an `ExecutionResult`, as pieces in order. A piece that many subscribers get is the same object. */
export class Payload {
  readonly pieces: readonly Uint8Array[];
  /** In bytes. */
  readonly length: number;

  constructor(pieces: readonly Uint8Array[]) {
    this.pieces = pieces;
    let length = 0;
    for (const piece of pieces) length += piece.length;
    this.length = length;
  }

  static of(json: string): Payload {
    return new Payload([Buffer.from(json)]);
  }

  /** Whether one payload can overwrite the other, piece by piece. */
  isAlignedWith({ pieces: others }: Payload): boolean {
    const { pieces } = this;
    if (pieces.length !== others.length) return false;
    for (let i = 0; i < pieces.length; i++) if (pieces[i]?.length !== others[i]?.length) return false;
    return true;
  }

  toString(): string {
    return Buffer.concat(this.pieces).toString();
  }
}
