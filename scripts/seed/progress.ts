const WIDTH = 30;

/** Shows progress: a bar in a terminal, otherwise a line for each quarter. */
export class Progress {
  private readonly total: number;
  private quarters = 0;

  constructor(total: number) {
    this.total = total;
  }

  show(done: number): void {
    const share = this.total === 0 ? 1 : done / this.total;
    if (process.stderr.isTTY) this.draw(share, done);
    else if (Math.floor(share * 4) > this.quarters) {
      this.quarters = Math.floor(share * 4);
      process.stderr.write(`${this.textOf(share, done)}\n`);
    }
  }

  private draw(share: number, done: number): void {
    const filled = Math.round(share * WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    process.stderr.write(`\r${bar} ${this.textOf(share, done)}${share === 1 ? '\n' : ''}`);
  }

  private textOf(share: number, done: number): string {
    const number = (count: number) => count.toLocaleString('en');
    return `${Math.floor(share * 100)}% of ${number(this.total)} messages (${number(done)})`;
  }
}
