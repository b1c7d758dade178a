import { createSourceEventStream, type ExecutionArgs, type ExecutionResult } from 'graphql';
import type { Context, Services, Viewpoint } from '../../context.ts';
import type { Subscribed } from '../../delivery/delivery.ts';
import { measure } from '../../delivery/item-metrics.ts';
import type { Payload } from '../../delivery/payload.ts';
import type { SubscribedOperation } from '../../delivery/shared-operation.ts';
import type { SharedOperations } from '../../delivery/shared-operations.ts';
import type { Stream } from '../../eventlog/streams/stream.ts';
import { requestErrorsOf } from './masking.ts';

/**
 * Opens a subscription, or returns the errors that prevent it.
 * @throws RateLimitedError
 */
export async function openSubscription(
  args: ExecutionArgs,
  shared: SharedOperations,
  operation: SubscribedOperation,
  ctx: Context,
): Promise<ExecutionResult | Subscribed> {
  const used = shared.use(operation, ctx.viewer?.userId ?? null);
  const opened = await createSourceEventStream(args).catch((error: unknown) => {
    used.release();
    throw error;
  });
  if (!(Symbol.asyncIterator in opened)) {
    used.release();
    return requestErrorsOf(opened);
  }
  const stream = opened as Stream;
  const viewpoint: Viewpoint = {
    isViewer: (userId) => userId === ctx.viewer?.userId,
    valueIn: (values) => values.get(ctx.viewer?.userId ?? 0),
    rightsIn: (roomId) => stream.rightsIn(roomId),
    unreadIn: (roomId) => stream.unreadIn(roomId),
    unreadTotals: () => stream.unreadTotals(),
  };
  return { stream, ctx, viewpoint, ...used };
}

/**
 * The payloads of a subscription one by one, for a transport that pulls. Ends with the stream, or when it is returned.
 */
export class Payloads implements AsyncIterableIterator<Payload, undefined> {
  private readonly node: Services;
  private readonly subscribed: Subscribed;

  constructor(node: Services, subscribed: Subscribed) {
    this.node = node;
    this.subscribed = subscribed;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Payload, undefined>> {
    const { stream, operation, release } = this.subscribed;
    const { done, value } = await stream.next();
    if (done) {
      release();
      return { done: true, value: undefined };
    }
    const payload = await operation.render(value, this.subscribed);
    this.node.metrics.events.inc({ kind: value.kind });
    measure(this.node, value, stream);
    return { done: false, value: payload };
  }

  async return(): Promise<IteratorResult<Payload, undefined>> {
    this.subscribed.stream.end();
    this.subscribed.release();
    return { done: true, value: undefined };
  }
}
