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
// Before `connection_ack`: one is expected.
const MAX_EARLY_MESSAGES = 20;
// Streams stop at a full socket; only answers to queries and mutations pile up.
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
// A close frame has room for this much.
const MAX_REASON_BYTES = 123;
// A frame without a payload (RFC 6455, section 5.5.2). By ws it would be two writes, to every silent client.
const PING = Buffer.from([0x89, 0x00]);

/** What a socket is opened with. */
export interface SocketFacts {
  readonly ip: string;
  /** Null where no limits of an address hold. */
  readonly network: string | null;
  readonly correlationId: string;
  /** The groups that its subscriptions join, and when its frames are flushed. */
  readonly broadcastGroups: BroadcastGroups;
  /** How many messages a client may send. */
  readonly rate: TokenBucketRate;
  /** How long it may have no operation, by whether its viewer is signed in. */
  readonly idleMs: { readonly signedIn: number; readonly anonymous: number };
  /** Charges what an anonymous client has sent: the ms to wait, 0 where it is paid. */
  readonly pay: (bytes: number) => number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * One WebSocket as graphql-ws sees it, plus what graphql-ws leaves open: limits, a watch over sends that do not get
 * through, closing after the last words, and operation ids of our own.
 *
 * The ids: a client may use an id again once it has completed it, perhaps before the operation has wound down here.
 * graphql-ws would take the two for one, so inside every operation has a number that is never used again.
 */
export class GraphqlSocket implements GraphqlWsSocket {
  readonly protocol: string;
  readonly ip: string;
  readonly network: string | null;
  readonly correlationId: string;
  /** Present once the client was let in. */
  connection: LiveConnection | null = null;
  private readonly ws: WebSocket;
  private readonly raw: Socket;
  private readonly sendQueue: SendQueue;
  private readonly scheduler: FlushScheduler;
  private readonly broadcastGroups: BroadcastGroups;
  private readonly facts: SocketFacts;
  /** By inner id: the client's, and the beginning of every message about it. */
  private readonly heads = new Map<string, { readonly id: string; readonly head: string }>();
  private lastInnerId = 0;
  private readonly messages: TokenBucket;
  private readonly stuckWatch = new StuckWatch();
  private isAlive = true;
  private earlyMessages = 0;
  private idleSince = performance.now();
  /** Until when the client has to wait, after RATE_LIMITED. */
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

  /** Operations under way, whatever their kind. */
  get operations(): number {
    return this.heads.size;
  }

  // -- what graphql-ws calls --------------------------------------------------------------------

  onMessage(handle: (message: string) => Promise<void>): void {
    this.ws.on('message', (data, isBinary) => {
      const message = this.isOpen ? this.admit(data, isBinary) : null;
      // graphql-ws takes what is parsed already, too.
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

  /** Delivers a subscription's items past graphql-ws. */
  deliver(innerId: string, subscribed: Subscribed): Delivery {
    const head = this.heads.get(innerId)?.head ?? '{"id":""';
    return new Delivery(this.broadcastGroups, this.sendQueue, subscribed, head);
  }

  // -- what the endpoint calls ----------------------------------------------------------------------

  /** Closes it when all that is under way has had its last word, or shortly after. */
  closeSoon(close: Close, patienceMs: number): void {
    if (this.heads.size === 0) return this.close(...close);
    this.ending ??= { close, by: performance.now() + patienceMs };
  }

  /** Says when an operation may be tried again. A client that does not wait for it is closed. */
  limit(retryAfterMs: number): void {
    const now = performance.now();
    if (now < this.waitsUntil) this.close(...closes.RATE_LIMITED);
    this.waitsUntil = now + retryAfterMs;
  }

  /** Every second: what is stuck, idle or overdue ends. */
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

  /** Called once per round: terminates a client that did not answer the last ping. Not while frames wait: see `watch`. */
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
    // Nested more deeply than it can be walked: the client's mistake, as what is not JSON.
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

  /** An anonymous client pays for each message by its address. */
  private charge(data: unknown): Close | null {
    if (this.connection?.viewer) return null;
    return this.facts.pay((data as Buffer).length) > 0 ? closes.RATE_LIMITED : null;
  }

  /** A client that has not been let in may bring a token: its address plays no part yet. */
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

  /** Puts the client's id in the place of ours; null for what belongs to nothing any more. */
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

  /** They are few: a map for this direction, too, would cost each socket more than it saves. */
  private innerIdOf(id: string): string | null {
    for (const [inner, known] of this.heads) if (known.id === id) return inner;
    return null;
  }
}
