import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The complete response that each connection is sending. */
const sending = new WeakMap<Socket, ServerResponse>();

/** The timeouts of a connection without activity, in ms. */
interface Times {
  readonly usual: number;
  /** While it sends a complete response. */
  readonly unread: number;
}

/** Closes the connection if the client reads nothing of a complete response for this time. A slow client is not cut. */
export function limitUnread({ socket }: IncomingMessage, res: ServerResponse, times: Times): void {
  // Now the response is complete, but not sent yet. Node.js restarts the timeout whenever some of it is sent.
  res.once('prefinish', () => {
    sending.set(socket, res);
    socket.setTimeout(times.unread);
  });
  // Now the connection is idle, or processes another request, whose response may be complete already.
  res.once('finish', () => {
    if (sending.get(socket) === res && socket.timeout === times.unread) socket.setTimeout(times.usual);
  });
}
