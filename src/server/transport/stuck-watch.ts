// No data got through for this time, plus a second for each 64 KiB that wait, because a page of long messages takes
// time on a slow line.
const STUCK_AFTER_MS = 15_000;
const SLOW_LINE_BYTES_PER_MS = 65.536;

/** Watches whether what a socket sends gets through. */
export class StuckWatch {
  /** Bytes that the system has accepted, and the time of the last change. */
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
