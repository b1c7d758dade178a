import type { ServerResponse } from 'node:http';

const STUCK_AFTER_MS = 15_000;

/** The open event streams of a node, with the progress of each at the last check. */
export class EventStreams {
  private readonly open = new Map<ServerResponse, { bytes: number; at: number }>();

  /** Watches the response until it is closed, and then calls `onClose` once. */
  add(res: ServerResponse, onClose: () => void): void {
    this.open.set(res, { bytes: 0, at: performance.now() });
    res.once('close', () => {
      this.open.delete(res);
      onClose();
    });
    if (res.closed) res.emit('close');
  }

  /** Cuts clients that stopped reading; they resume by cursor. */
  cutStuck(): void {
    const now = performance.now();
    for (const [res, progress] of this.open) {
      const bytes = res.socket?.bytesWritten ?? 0;
      const isWaiting = (res.socket?.writableLength ?? 0) > 0;
      if (!isWaiting || bytes !== progress.bytes) Object.assign(progress, { bytes, at: now });
      else if (now - progress.at > STUCK_AFTER_MS) res.destroy();
    }
  }
}
