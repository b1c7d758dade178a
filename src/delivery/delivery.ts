import type { RoomEvent } from '../eventlog/kinds.ts';
import type { RoomItem, StreamItem } from '../eventlog/streams/items.ts';
import type { Stream } from '../eventlog/streams/stream.ts';
import { type BroadcastGroups, type Heard, type Listener, MAX_RENDERING } from './broadcast-group.ts';
import type { FlushScheduler, Participant } from './flush-scheduler.ts';
import type { Payload } from './payload.ts';
import type { SendQueue } from './send-queue.ts';
import type { Receiver, SharedOperation } from './shared-operation.ts';

/** An accepted subscription: the source of its items, and their rendering. */
export interface Subscribed extends Receiver {
  readonly stream: Stream;
  readonly operation: SharedOperation;
  /** Called when no item of it is rendered any more. */
  readonly release: () => void;
}

interface Rendering {
  readonly item: StreamItem;
  /** Null until it is ready. */
  payload: Payload | null;
}

const NEXT = new Uint8Array(Buffer.from(',"type":"next","payload":'));

type Step = IteratorResult<never, undefined>;
const DONE: Step = { done: true, value: undefined };

/**
 * One subscription on one socket. It takes items from its stream while the socket has room, and puts frames into the
 * socket's send queue. It never waits for other subscriptions.
 *
 * For graphql-ws it is an async iterable, so that graphql-ws knows the subscription and its end; items do not pass
 * through it.
 */
export class Delivery implements Participant, Listener, AsyncIterableIterator<never, undefined> {
  isDue = false;
  private readonly scheduler: FlushScheduler;
  private readonly broadcastGroups: BroadcastGroups;
  private readonly sendQueue: SendQueue;
  private readonly subscribed: Subscribed;
  private readonly prefix: Uint8Array;
  private readonly renderings: Rendering[] = [];
  /** Set while it follows its room in a group. */
  private group: { leave(listener: Listener): number } | null = null;
  private waitsForRoom = false;
  private settle: (() => void) | null = null;
  private failure: Error | null = null;
  private isStopped = false;

  /** `prefix`: the start of every message of this operation, with its id. */
  constructor(
    broadcastGroups: BroadcastGroups,
    sendQueue: SendQueue,
    subscribed: Subscribed,
    prefix: string,
  ) {
    const { scheduler } = broadcastGroups;
    this.scheduler = scheduler;
    this.broadcastGroups = broadcastGroups;
    this.sendQueue = sendQueue;
    this.subscribed = subscribed;
    // Not a Buffer: it lives long, and would keep its 8 KiB pool.
    this.prefix = new Uint8Array(Buffer.from(prefix));
    subscribed.stream.onWake = () => scheduler.add(this);
    scheduler.add(this);
  }

  /** Sends available items as far as there is room. Called once per turn, before the send queue is flushed. */
  pump(): void {
    if (this.isStopped) return;
    if (this.group) this.followAlone(this.group.leave(this));
    while (this.sendQueue.hasRoom && (this.sendFirst() || this.takeNext())) {
      // until nothing is left, or the socket is full
    }
    if (!this.sendQueue.hasRoom) this.waitForRoom();
    else if (this.renderings.length > 0) return;
    else if (this.subscribed.stream.isEnded) this.end();
    else this.join();
  }

  private join(): void {
    const { stream, operation } = this.subscribed;
    const follower = stream.detach();
    if (!follower) return;
    this.group = this.broadcastGroups.join(operation, follower, this);
    if (!this.group) stream.attach(follower.last);
  }

  // -- in a broadcast group ---------------------------------------------------------------------

  prepare(item: RoomItem): Promise<unknown> | null {
    try {
      return this.subscribed.operation.prepare(item);
    } catch {
      return null; // it fails again when the item is sent, and is reported then
    }
  }

  applyRights(event: RoomEvent): void {
    this.subscribed.stream.applyRights(event);
  }

  hear(item: RoomItem): Heard {
    if (!this.sendQueue.hasRoom) return 'refused';
    const payload = this.render(item);
    if (payload === null) return 'refused';
    if (!(payload instanceof Promise)) {
      this.send(item, payload);
      return 'sent';
    }
    this.queueRendering(item, payload);
    return 'pending';
  }

  goOnFrom(roomSeq: number): void {
    this.followAlone(roomSeq);
    this.scheduler.add(this);
  }

  private followAlone(roomSeq: number): void {
    this.group = null;
    this.subscribed.stream.attach(roomSeq);
  }

  // -- alone ------------------------------------------------------------------------------------

  /** Returns false if the queue is empty, or its first item is not rendered yet. */
  private sendFirst(): boolean {
    const [first] = this.renderings;
    if (!first?.payload) return false;
    this.renderings.shift();
    this.send(first.item, first.payload);
    return true;
  }

  private takeNext(): boolean {
    if (this.renderings.length >= MAX_RENDERING) return false;
    const item = this.subscribed.stream.take();
    if (!item) return false;
    const payload = this.render(item);
    if (payload === null) return false;
    if (payload instanceof Promise) this.queueRendering(item, payload);
    else if (this.renderings.length > 0) this.renderings.push({ item, payload });
    else this.send(item, payload);
    return true;
  }

  /** Returns null if it failed. */
  private render(item: StreamItem): Payload | Promise<Payload> | null {
    try {
      return this.subscribed.operation.render(item, this.subscribed);
    } catch (error) {
      this.fail(error as Error);
      return null;
    }
  }

  private queueRendering(item: StreamItem, rendered: Promise<Payload>): void {
    const entry: Rendering = { item, payload: null };
    this.renderings.push(entry);
    rendered.then(
      (payload) => {
        entry.payload = payload;
        this.scheduler.add(this);
      },
      (error: Error) => this.fail(error),
    );
  }

  /** Rendering fails only by a defect of the server. The client gets the error, and resumes by its cursor. */
  private fail(error: Error): void {
    this.failure = error;
    this.end();
  }

  private send(item: StreamItem, payload: Payload): void {
    if (this.sendQueue.push({ prefix: this.prefix, middle: NEXT, payload }))
      this.scheduler.flushLater(this.sendQueue);
    this.scheduler.metrics.sent(item, this.subscribed.stream);
  }

  private waitForRoom(): void {
    if (this.waitsForRoom) return;
    this.waitsForRoom = true;
    this.sendQueue.whenRoom(() => {
      this.waitsForRoom = false;
      this.scheduler.add(this);
    });
  }

  /** Ends the operation: graphql-ws completes it after the frames in the send queue. */
  end(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.group?.leave(this);
    this.subscribed.stream.end();
    this.subscribed.release();
    this.sendQueue.flush();
    this.settle?.();
  }

  // -- for graphql-ws ---------------------------------------------------------------------------

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Resolves at the end, without a value; rejects with the error of an item that could not be rendered. */
  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.settle = () => (this.failure === null ? resolve(DONE) : reject(this.failure));
      if (this.isStopped) this.settle();
    });
  }

  async return(): Promise<Step> {
    this.end();
    return DONE;
  }
}
