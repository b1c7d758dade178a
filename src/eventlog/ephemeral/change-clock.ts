/**
 * A hybrid logical clock. It numbers changes so that all nodes order them equally, whatever their clocks show: each
 * number is higher than all that this node issued or received.
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
