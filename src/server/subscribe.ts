import { setTimeout as delay } from 'node:timers/promises';
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
} from 'graphql';
import type { Context } from '../context.ts';
import type { RoomItem, StreamItem } from '../eventlog/stream.ts';
import { isTransient } from '../platform/errors.ts';
import { mask, maskResult, requestErrorsOf, type Where } from './masking.ts';

type Step = IteratorResult<ExecutionResult, undefined>;
const DONE: Step = { done: true, value: undefined };
const RETRY_MS = 500;

const isAwayError = ({ extensions, originalError }: GraphQLError) =>
  extensions['code'] === 'UNAVAILABLE' || isTransient(originalError);

/** Opens a subscription: its stream of answers, or why there is none. */
export async function openResponseStream(
  args: ExecutionArgs,
  ctx: Context,
  where: Where,
): Promise<ExecutionResult | ResponseStream> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return maskResult(ctx.node, requestErrorsOf(source), where);
  return new ResponseStream(source as AsyncIterable<StreamItem>, args, ctx, where);
}

/**
 * The answers to one subscription: each item of its source, executed. Pulled by whoever sends, so nothing waits here.
 *
 * Written by hand: an async generator would let `return()` wait until the next event, perhaps for ever.
 */
export class ResponseStream implements AsyncIterableIterator<ExecutionResult, undefined> {
  private readonly source: AsyncIterator<StreamItem>;
  private readonly args: ExecutionArgs;
  private readonly ctx: Context;
  private readonly where: Where;
  private isEnded = false;
  /** The backlog says nothing about how fast news travel. */
  private isLive = false;
  private endPending: (() => void) | null = null;

  constructor(source: AsyncIterable<StreamItem>, args: ExecutionArgs, ctx: Context, where: Where) {
    this.source = source[Symbol.asyncIterator]();
    this.args = args;
    this.ctx = ctx;
    this.where = where;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Step> {
    if (this.isEnded) return Promise.resolve(DONE);
    return new Promise((resolve) => {
      this.endPending = () => resolve(DONE);
      void this.advance().then(resolve);
    });
  }

  async return(): Promise<Step> {
    this.end();
    return DONE;
  }

  async throw(error: unknown): Promise<Step> {
    this.end();
    throw error;
  }

  private async advance(): Promise<Step> {
    try {
      const { done, value } = await this.source.next();
      if (done || this.isEnded) return this.end();
      return { done: false, value: await this.answer(value) };
    } catch (error) {
      // For one who consumes streams an error that is thrown is the end without a word.
      if (this.isEnded) return DONE;
      this.end();
      return { done: false, value: { errors: [mask(this.ctx.node, error, this.where)] } };
    }
  }

  /**
   * The item, executed. While the database is away the stream waits: an event that came as an error would be lost for
   * its receiver, whose cursor goes on. One that can never be shown comes as EventUnavailable, so that the log stays
   * dense.
   */
  private async answer(item: StreamItem): Promise<ExecutionResult> {
    // Loaders of what looks the same to everybody are shared by all who get this event; the rest is fresh.
    let scope: object = 'event' in item ? item.event : item;
    let result = await this.execute(item, scope);
    while (result.errors?.some(isAwayError) && !this.isEnded) {
      await delay(RETRY_MS * (0.5 + Math.random()));
      scope = {}; // the loaders of the shared one remember the failure
      result = await this.execute(item, scope);
    }
    const { errors } = result;
    if (
      errors &&
      !result.data &&
      'event' in item &&
      'roomSeq' in item.event &&
      item.kind !== 'EventUnavailable'
    ) {
      maskResult(this.ctx.node, { errors }, this.where);
      return this.answer({ ...item, kind: 'EventUnavailable' } as RoomItem);
    }
    this.measure(item);
    return maskResult(this.ctx.node, result, this.where);
  }

  private async execute(item: StreamItem, scope: object): Promise<ExecutionResult> {
    const contextValue = { ...this.ctx, viewer: this.ctx.connection.viewer, scope, position: null };
    return execute({ ...this.args, rootValue: item, contextValue });
  }

  private measure(item: StreamItem): void {
    const { metrics } = this.ctx.node;
    metrics.events.inc({ kind: item.kind });
    if (item.kind === 'StreamReady') this.isLive = true;
    else if (item.kind === 'StreamClosed') metrics.streamEnds.inc({ reason: item.closeReason });
    else if (item.kind === 'ResyncRequired') metrics.streamEnds.inc({ reason: item.resyncReason });
    else if (this.isLive && 'event' in item && 'roomSeq' in item.event) {
      metrics.deliverySeconds.observe(Math.max(0, Date.now() - item.event.createdAt.getTime()) / 1000);
    }
  }

  private end(): Step {
    if (this.isEnded) return DONE;
    this.isEnded = true;
    // Ends a pending `next()` of the source, too. It is not waited for.
    void this.source.return?.()?.catch(() => undefined);
    this.endPending?.();
    this.endPending = null;
    return DONE;
  }
}
