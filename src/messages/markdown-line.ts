const TAB = 4;

/** A line of a block, read from its beginning: containers take their markers, the rest is text. */
export class Line {
  readonly raw: string;
  /** The index after the last character that is not white space. */
  readonly end: number;
  /** The next character that is neither space nor tab, and its column. */
  at = 0;
  private column = 0;
  /** Where the white space before it begins. */
  private spaceAt = 0;
  private spaceColumn = 0;
  /** The column up to which the line has been taken: it may be inside of a tab. */
  private taken = 0;

  constructor(raw: string) {
    this.raw = raw;
    this.end = raw.trimEnd().length;
    this.findText();
  }

  get isBlank(): boolean {
    return this.at >= this.end;
  }

  get next(): string {
    return this.raw.charAt(this.at);
  }

  /** Columns of white space before the next character. */
  get indent(): number {
    return this.column - this.taken;
  }

  /** The text from the next character on, without white space at its end. */
  get text(): string {
    return this.raw.slice(this.at, this.end);
  }

  /** Takes a marker of that many characters. */
  takeMarker(length: number): void {
    this.spaceAt = this.at + length;
    this.spaceColumn = this.column + length;
    this.taken = this.spaceColumn;
    this.findText();
  }

  /** Takes columns of white space, as far as there are some. */
  takeSpace(columns: number): void {
    this.taken = Math.min(this.taken + columns, this.column);
  }

  /** What has not been taken, with its white space. A tab that was taken in part is left out. */
  rest(): string {
    let [at, column] = [this.spaceAt, this.spaceColumn];
    while (column < this.taken) column = columnAfter(this.raw[at++], column);
    return this.raw.slice(at);
  }

  private findText(): void {
    [this.at, this.column] = [this.spaceAt, this.spaceColumn];
    while (this.raw[this.at] === ' ' || this.raw[this.at] === '\t')
      this.column = columnAfter(this.raw[this.at++], this.column);
  }
}

const columnAfter = (space: string | undefined, column: number) =>
  column + (space === '\t' ? TAB - (column % TAB) : 1);
