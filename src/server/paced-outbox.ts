import type { WebSocket } from 'ws';
import { Outbox } from '../delivery/outbox.ts';

/** Compressing takes place beside the event loop, so what is sent waits in ws and not in the socket. */
const MAX_WAITING_BYTES = 256 * 1024;

/** The outbox of a socket whose messages ws has to compress: paced by what waits there. */
export class PacedOutbox extends Outbox {
  private readonly ws: WebSocket;
  private readonly wakeUps: (() => void)[];

  constructor(ws: WebSocket) {
    const wakeUps: (() => void)[] = [];
    const onSent = () => {
      if (ws.bufferedAmount < MAX_WAITING_BYTES) for (const wakeUp of wakeUps.splice(0)) wakeUp();
    };
    super({
      isOpen: () => ws.readyState === ws.OPEN,
      raw: null,
      sendText: (text) => ws.send(text, onSent),
    });
    this.ws = ws;
    this.wakeUps = wakeUps;
  }

  override get hasRoom(): boolean {
    return super.hasRoom && this.ws.bufferedAmount < MAX_WAITING_BYTES;
  }

  override whenRoom(listener: () => void): void {
    if (this.ws.bufferedAmount < MAX_WAITING_BYTES) super.whenRoom(listener);
    else this.wakeUps.push(listener);
  }
}
