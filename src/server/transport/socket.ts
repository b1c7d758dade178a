import type { Socket } from 'node:net';
import type { WebSocket as GraphqlWsSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { BroadcastGroups } from '../../delivery/broadcast-group.ts';
import { Delivery, type Subscribed } from '../../delivery/delivery.ts';
import type { FlushScheduler } from '../../delivery/flush-scheduler.ts';
import { SendQueue } from '../../delivery/send-queue.ts';
import { TokenBucket, type TokenBucketRate } from '../../platform/token-bucket.ts';
import { type FromClient, parseMessage } from './client-message.ts';
import { type Close, closes } from './close-codes.ts';
import type { LiveConnection } from './live-connection.ts';
import { StuckWatch } from './stuck-watch.ts';
import { CompressedTransport, PlainTransport } from './transports.ts';

const MAX_ID_LENGTH = 64;
// Before `connection_ack`; one message is expected.
const MAX_EARLY_MESSAGES = 20;
// Streams stop at a full socket; only answers to queries and mutations accumulate.
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
// The space for a reason in a close frame.
const MAX_REASON_BYTES = 123;
// A frame without a payload (RFC 6455, section 5.5.2). ws would need two writes, for every silent client.
const PING = Buffer.from([0x89, 0x00]);

/** The data for opening a socket. */
export interface SocketFacts {
  readonly ip: string;
  readonly userAgent: string | null;
  /** Null if limits by address do not apply. */
  readonly network: string | null;
  readonly correlationId: string;
  /** The groups that its subscriptions join, and the scheduler that flushes its frames. */
  readonly broadcastGroups: BroadcastGroups;
  /** The limit of messages from the client. */
  readonly rate: TokenBucketRate;
  /** The maximum time without an operation, for signed-in and anonymous viewers. */
  readonly idleMs: { readonly signedIn: number; readonly anonymous: number };
  /** Charges the messages of an anonymous client; returns the ms to wait, 0 if they are paid. */
  readonly pay: (bytes: number) => number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * One WebSocket as graphql-ws sees it, with features that graphql-ws does not have: limits, a check that sent data gets
 * through, closing after the last items, and internal operation ids.
 *
 * A client may use an id again after it has completed it, perhaps before the operation has ended here. graphql-ws would
 * confuse the two, so inside every operation has a number that is never used again.
 */
export class GraphqlSocket implements GraphqlWsSocket {
  readonly protocol: string;
  readonly ip: string;
  readonly userAgent: string | null;
  readonly network: string | null;
  readonly correlationId: string;
  /** Set after the client was admitted. */
  connection: LiveConnection | null = null;
  private readonly ws: WebSocket;
  private readonly raw: Socket;
  private readonly sendQueue: SendQueue;
  private readonly scheduler: FlushScheduler;
  private readonly broadcastGroups: BroadcastGroups;
  private readonly facts: SocketFacts;
  /** By internal id: the client's id, and the start of every message about it. */
  private readonly heads = new Map<string, { readonly id: string; readonly head: string }>();
  private lastInnerId = 0;
  private readonly messages: TokenBucket;
  private readonly stuckWatch = new StuckWatch();
  private isAlive = true;
  private earlyMessages = 0;
  private idleSince = performance.now();
  /** The time until which the client must wait, after RATE_LIMITED. */
  private waitsUntil = 0;
  private ending: { readonly close: Close; readonly by: number } | null = null;

  constructor(ws: WebSocket, raw: Socket, facts: SocketFacts) {
    this.ws = ws;
    this.raw = raw;
    this.sendQueue = new SendQueue(
      ws.extensions === ''
        ? new PlainTransport(ws, raw, facts.broadcastGroups.scheduler.writer)
        : new CompressedTransport(ws),
    );
    this.protocol = ws.protocol;
    this.facts = facts;
    this.ip = facts.ip;
    this.userAgent = facts.userAgent;
    this.network = facts.network;
    this.correlationId = facts.correlationId;
    this.scheduler = facts.broadcastGroups.scheduler;
    this.broadcastGroups = facts.broadcastGroups;
    this.messages = new TokenBucket(facts.rate);
    ws.on('pong', () => {
      this.isAlive = true;
    });
  }

  get isOpen(): boolean {
    return this.ws.readyState === this.ws.OPEN;
  }

  /** Running operations of any kind. */
  get operations(): number {
    return this.heads.size;
  }

  // -- what graphql-ws calls --------------------------------------------------------------------

  onMessage(handle: (message: string) => Promise<void>): void {
    this.ws.on('message', (data, isBinary) => {
      const message = this.isOpen ? this.admit(data, isBinary) : null;
      // graphql-ws also accepts parsed messages.
      if (message) handle(message as unknown as string).catch((error: Error) => this.fail(error));
    });
  }

  send(text: string): void {
    const outgoing = this.outward(text);
    if (outgoing === null || !this.isOpen) return;
    if (this.ws.bufferedAmount + this.sendQueue.waitingBytes > MAX_BUFFERED_BYTES)
      return this.close(...closes.SLOW);
    if (this.sendQueue.pushText(outgoing)) this.scheduler.flushLater(this.sendQueue);
    if (this.ending && this.heads.size === 0) this.close(...this.ending.close);
  }

  close(code: number, reason: string): void {
    this.sendQueue.flush();
    this.ws.close(code, Buffer.byteLength(reason) <= MAX_REASON_BYTES ? reason : reason.slice(0, 20));
  }

  /** Delivers a subscription's items without graphql-ws. */
  deliver(innerId: string, subscribed: Subscribed): Delivery {
    const head = this.heads.get(innerId)?.head ?? '{"id":""';
    return new Delivery(this.broadcastGroups, this.sendQueue, subscribed, head);
  }

  // -- what the endpoint calls ----------------------------------------------------------------------

  /** Closes the socket when all running operations have sent their last item, or shortly after. */
  closeSoon(close: Close, patienceMs: number): void {
    if (this.heads.size === 0) return this.close(...close);
    this.ending ??= { close, by: performance.now() + patienceMs };
  }

  /** Tells the client when it may try again. A client that does not wait is closed. */
  limit(retryAfterMs: number): void {
    const now = performance.now();
    if (now < this.waitsUntil) this.close(...closes.RATE_LIMITED);
    this.waitsUntil = now + retryAfterMs;
  }

  /** Called every second: closes stuck and idle sockets, and those whose deadline has passed. */
  watch(now: number): void {
    if (this.ending && now >= this.ending.by) this.close(...this.ending.close);
    if (!this.isOpen) return;
    if (this.isIdle(now)) return this.close(...closes.IDLE);
    const isStuck = this.stuckWatch.isStuck(this.raw.bytesWritten, this.ws.bufferedAmount, now);
    if (isStuck) this.close(...closes.SLOW);
  }

  private isIdle(now: number): boolean {
    if (!this.connection || this.heads.size > 0) return false;
    const { signedIn, anonymous } = this.facts.idleMs;
    return now - this.idleSince > (this.connection.viewer ? signedIn : anonymous);
  }

  /**
   * Called once per round: terminates a client that did not answer the last ping, but not while frames wait: see
   * `watch`.
   */
  ping(): void {
    if (!this.isOpen || this.ws.bufferedAmount > 0) return;
    if (!this.isAlive) return this.ws.terminate();
    this.isAlive = false;
    this.raw.write(PING);
  }

  terminate(): void {
    this.ws.terminate();
  }

  // -- inside -----------------------------------------------------------------------------------

  private fail(error: Error): void {
    // Nested too deeply to be walked: an error of the client, like invalid JSON.
    if (error instanceof RangeError) this.refuse(closes.INVALID_MESSAGE);
    else this.facts.onFailure(error);
  }

  private admit(data: unknown, isBinary: boolean): FromClient | null {
    this.isAlive = true;
    if (this.messages.spend(1) > 0) return this.refuse(closes.TOO_MANY_MESSAGES);
    const refusal = this.connection ? this.charge(data) : this.countEarly();
    if (refusal) return this.refuse(refusal);
    const message = isBinary ? null : parseMessage(String(data));
    if (!message) return this.refuse(closes.INVALID_MESSAGE);
    if (message.type === 'subscribe') return this.admitSubscribe(message);
    return message.type === 'complete' ? this.admitComplete(message) : message;
  }

  /** Charges each message of an anonymous client to its address. */
  private charge(data: unknown): Close | null {
    if (this.connection?.viewer) return null;
    return this.facts.pay((data as Buffer).length) > 0 ? closes.RATE_LIMITED : null;
  }

  /** Counts messages before admission: the client may still send a token, so its address does not pay. */
  private countEarly(): Close | null {
    return ++this.earlyMessages > MAX_EARLY_MESSAGES ? closes.TOO_MANY_MESSAGES : null;
  }

  private admitSubscribe(message: FromClient): FromClient | null {
    const { id } = message;
    if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH)
      return this.refuse(closes.INVALID_MESSAGE);
    if (this.innerIdOf(id)) return this.refuse([4409, `Subscriber for ${id} already exists`]);
    const inner = String(++this.lastInnerId);
    this.heads.set(inner, { id, head: `{"id":${JSON.stringify(id)}` });
    return { ...message, id: inner };
  }

  private admitComplete(message: FromClient): FromClient | null {
    const inner = this.innerIdOf(String(message.id));
    if (!inner)
      return typeof message.id === 'string' && message.id ? null : this.refuse(closes.INVALID_MESSAGE);
    this.forget(inner);
    return { ...message, id: inner };
  }

  private refuse(close: Close): null {
    this.close(...close);
    return null;
  }

  /** Replaces the internal id by the client's; null for a message of an operation that no longer exists. */
  private outward(text: string): string | null {
    if (!text.startsWith('{"id":"')) return text;
    const end = text.indexOf('"', 7);
    const inner = text.slice(7, end);
    const known = this.heads.get(inner);
    if (!known) return null;
    const rest = text.slice(end + 1);
    if (/^,"type":"(complete|error)"/.test(rest)) this.forget(inner);
    return known.head + rest;
  }

  private forget(inner: string): void {
    this.heads.delete(inner);
    if (this.heads.size === 0) this.idleSince = performance.now();
  }

  /** There are few, so a search is cheaper than a second map for each socket. */
  private innerIdOf(id: string): string | null {
    for (const [inner, known] of this.heads) if (known.id === id) return inner;
    return null;
  }
}
