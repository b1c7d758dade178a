/**
 * Numbers changes so that all nodes order them alike, whatever their clocks say: each number is higher than all that
 * this node gave out or heard of. (A hybrid logical clock.)
 */
export class ChangeClock {
  private last = 0;

  next(): number {
    this.last = Math.max(this.last + 1, Date.now());
    return this.last;
  }

  hear(version: number): void {
    this.last = Math.max(this.last, version);
  }
}
