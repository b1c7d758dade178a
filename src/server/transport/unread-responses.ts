import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The whole response that each connection sends. */
const sending = new WeakMap<Socket, ServerResponse>();

/** The times of a connection while nothing moves on it, in ms. */
interface Times {
  readonly usual: number;
  /** While it sends a response that is whole. */
  readonly unread: number;
}

/** Closes the connection where nothing of the whole response is taken for so long. A slow client is not cut. */
export function limitUnread({ socket }: IncomingMessage, res: ServerResponse, times: Times): void {
  // All of the response is written by then, but not yet sent. Node.js restarts the time while some of it is.
  res.once('prefinish', () => {
    sending.set(socket, res);
    socket.setTimeout(times.unread);
  });
  // The connection has the time of idle ones by now, or works on another request, whose response may be whole already.
  res.once('finish', () => {
    if (sending.get(socket) === res && socket.timeout === times.unread) socket.setTimeout(times.usual);
  });
}
