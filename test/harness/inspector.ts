import { once } from 'node:events';
import WebSocket from 'ws';

/** Asks the inspector of another process, e.g. for a profile or the size of its heap. */
export class Inspector {
  private readonly ws: WebSocket;
  private lastId = 0;

  private constructor(ws: WebSocket) {
    this.ws = ws;
  }

  static async open(url: string): Promise<Inspector> {
    const ws = new WebSocket(url, { maxPayload: 1 << 30 });
    await once(ws, 'open');
    return new Inspector(ws);
  }

  ask<Result>(method: string, params: object = {}): Promise<Result> {
    const id = ++this.lastId;
    this.ws.send(JSON.stringify({ id, method, params }));
    return new Promise<Result>((resolve) => {
      const hear = (data: Buffer) => {
        const answer = JSON.parse(String(data)) as { id?: number; result: Result };
        if (answer.id !== id) return;
        this.ws.off('message', hear);
        resolve(answer.result);
      };
      this.ws.on('message', hear);
    });
  }

  /** Bytes in use once everything unused was collected. */
  async heapBytes(): Promise<number> {
    for (let i = 0; i < 3; i++) await this.ask('HeapProfiler.collectGarbage');
    const { usedSize } = await this.ask<{ usedSize: number }>('Runtime.getHeapUsage');
    return usedSize;
  }

  close(): void {
    this.ws.terminate();
  }
}
