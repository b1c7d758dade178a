// Nothing got through for so long, and a second more for each 64 KiB that wait: a page of long messages takes its time
// on a slow line.
const STUCK_AFTER_MS = 15_000;
const SLOW_LINE_BYTES_PER_MS = 65.536;

/** Watches whether what a socket sends gets through. */
export class StuckWatch {
  /** Bytes that the system has taken, and when that was last seen to change. */
  private taken = 0;
  private takenAt = 0;

  /** Of the bytes written, some wait in the socket. To be asked about once a second. */
  isStuck(written: number, waiting: number, now: number): boolean {
    const taken = waiting === 0 ? this.taken : written - waiting;
    if (waiting === 0 || taken !== this.taken) {
      [this.taken, this.takenAt] = [taken, now];
      return false;
    }
    return now - this.takenAt > STUCK_AFTER_MS + waiting / SLOW_LINE_BYTES_PER_MS;
  }
}
