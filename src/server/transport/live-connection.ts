import { setImmediate as immediate } from 'node:timers/promises';
import type { Connection, Viewer } from '../../context.ts';
import { type CloseReason, closed } from '../../eventlog/streams/items.ts';
import type { Stream } from '../../eventlog/streams/stream.ts';

/** The reasons that end a whole connection. */
export type EndCause = Extract<CloseReason, 'AUTH_EXPIRED' | 'SESSION_ENDED' | 'SERVER_DRAINING'>;

export interface OpenConnection {
  readonly viewer: Viewer | null;
  readonly isSocket: boolean;
  readonly userAgent: string | null;
  readonly maxStreams: number;
  /** Whether the client still reads. */
  readonly isGone: () => boolean;
  /** Called after its streams have sent their last item. Closes the connection. */
  readonly onEnd?: (cause: EndCause) => void;
}

const WARNING_MS = 60_000;
const RETRY_AFTER_DRAIN_MS = 1_000;

/** The part of all connections of the node that one connection needs. */
interface AllConnections {
  /** Whether this node stood still just now. */
  readonly hasStoodStill: boolean;
  /** Whether the user has the maximum number of streams. */
  hasAllStreams(viewer: Viewer | null): boolean;
  register(connection: LiveConnection): void;
  unregister(connection: LiveConnection): void;
  /** It has another viewer now. */
  swapped(connection: LiveConnection, before: Viewer | null): void;
  added(stream: Stream, viewer: Viewer | null): void;
  removed(stream: Stream, viewer: Viewer | null): void;
}

/** One socket, or one HTTP request with its stream. */
export class LiveConnection implements Connection {
  readonly isSocket: boolean;
  readonly userAgent: string | null;
  private readonly all: AllConnections;
  private readonly options: OpenConnection;
  private readonly streams = new Set<Stream>();
  private current: Viewer | null;
  private warning: Date | null = null;
  private endedBy: EndCause | null = null;
  private isClosed = false;

  /** Use `Connections.open`. */
  constructor(all: AllConnections, options: OpenConnection) {
    this.all = all;
    this.options = options;
    this.current = options.viewer;
    this.isSocket = options.isSocket;
    this.userAgent = options.userAgent;
    if (options.isSocket) all.register(this);
  }

  get viewer(): Viewer | null {
    return this.current;
  }

  async isAbandoned(): Promise<boolean> {
    if (!this.all.hasStoodStill) return false;
    // The end of the connection comes after the request: it is read in the next turn of the event loop.
    await immediate();
    await immediate();
    return this.isClosed || this.options.isGone();
  }

  addStream(stream: Stream): (() => void) | null {
    if (this.streams.size >= this.options.maxStreams || this.all.hasAllStreams(this.current)) return null;
    if (this.isClosed) {
      // The client disconnected while the stream was being opened. Deferred, because the caller does not have the
      // stream yet.
      setImmediate(() => void stream.return());
      return () => undefined;
    }
    this.streams.add(stream);
    this.all.register(this);
    this.all.added(stream, this.current);
    if (this.endedBy) stream.say(lastWord(this.endedBy));
    else if (this.warning) stream.say({ kind: 'AuthExpiring', expiresAt: this.warning });
    return () => this.remove(stream);
  }

  swapViewer(viewer: Viewer): void {
    const before = this.current;
    this.current = viewer;
    this.warning = null;
    this.all.swapped(this, before);
  }

  endStreams(reason: CloseReason): void {
    this.say(closed(reason));
  }

  /** @internal */
  say(item: Parameters<Stream['say']>[0]): void {
    for (const stream of [...this.streams]) stream.say(item);
  }

  /** Sends the last item to all its streams, then closes the connection. Only the first cause counts. */
  finish(cause: EndCause): void {
    if (this.endedBy || this.isClosed) return;
    this.endedBy = cause;
    this.say(lastWord(cause));
    this.options.onEnd?.(cause);
  }

  /** Whether it is ending, so that no new stream may start on it. */
  get isEnded(): boolean {
    return this.endedBy !== null || (this.current !== null && this.current.expiresAt <= Date.now());
  }

  /** @internal */
  checkToken(now: number): void {
    if (!this.current || this.endedBy) return;
    const { expiresAt } = this.current;
    if (expiresAt <= now) return this.finish('AUTH_EXPIRED');
    if (this.warning || expiresAt - now > WARNING_MS) return;
    this.warning = new Date(expiresAt);
    this.say({ kind: 'AuthExpiring', expiresAt: this.warning });
  }

  /** Called when the socket or request is gone. */
  close(): void {
    this.isClosed = true;
    for (const stream of [...this.streams]) void stream.return();
    this.all.unregister(this);
  }

  private remove(stream: Stream): void {
    if (!this.streams.delete(stream)) return;
    this.all.removed(stream, this.current);
    if (!this.isSocket && this.streams.size === 0) this.all.unregister(this);
  }
}

function lastWord(cause: EndCause) {
  return closed(
    cause,
    cause === 'SERVER_DRAINING' ? Math.round(RETRY_AFTER_DRAIN_MS * (0.5 + Math.random())) : null,
  );
}
