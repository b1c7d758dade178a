const SPACE = /\s/;
/** Maximum in a bare destination; with more it is not a link (CommonMark, section 6.3). */
const MAX_PARENTHESES = 32;

/** The content of the parentheses of a link. */
export class Target {
  private readonly text: string;
  private at: number;

  constructor(text: string, start: number) {
    this.text = text;
    this.at = start;
  }

  /** Returns the end, or the index where the search was aborted; and the destination as it is written. */
  end(): { readonly at: number; readonly isClosed: boolean; readonly destination: string } {
    this.skipSpace();
    const start = this.at;
    const hasDestination = this.text[this.at] === '<' ? this.skipTo('>', true) : this.skipBare();
    const afterDestination = this.at;
    this.skipSpace();
    const quote = this.text.charAt(this.at);
    const hasTitle = quote !== '' && '"\'('.includes(quote) && this.at > afterDestination;
    const isWhole = hasDestination && (!hasTitle || this.skipTo(quote === '(' ? ')' : quote, false));
    this.skipSpace();
    const isClosed = isWhole && this.text[this.at] === ')';
    const destination = isClosed ? withoutAngles(this.text.slice(start, afterDestination)) : '';
    return { at: isClosed ? this.at + 1 : this.at, isClosed, destination };
  }

  private skipSpace(): void {
    while (SPACE.test(this.text.charAt(this.at))) this.at++;
  }

  /** Skips from an opening mark to after the closing one. */
  private skipTo(closing: string, isOneLine: boolean): boolean {
    for (this.at++; this.at < this.text.length; this.at++) {
      const letter = this.text.charAt(this.at);
      if (letter === closing) {
        this.at++;
        return true;
      }
      if (isOneLine && (letter === '\n' || letter === '<')) return false;
      if (letter === '\\') this.at++;
    }
    return false;
  }

  private skipBare(): boolean {
    let depth = 0;
    for (; this.at < this.text.length; this.at++) {
      const letter = this.text.charAt(this.at);
      if (SPACE.test(letter) || (letter === ')' && depth === 0)) break;
      if (letter === '\\') this.at++;
      else if (letter === '(' && ++depth > MAX_PARENTHESES) return false;
      else if (letter === ')') depth--;
    }
    return depth === 0;
  }
}

const withoutAngles = (text: string) => (text.startsWith('<') ? text.slice(1, -1) : text);
