import type { FetchAPI } from 'graphql-yoga';
import type { Payloads } from '../operations/subscribe.ts';

const encoder = new TextEncoder();
const OPENING = encoder.encode(':\n\n'); // sends the headers at once
const END = 'event: complete\ndata:\n\n';
const COMPLETE = encoder.encode(END);

const next = (payload: string) => `event: next\ndata: ${payload}\n\n`;

/** A complete stream with one item. */
export function oneEvent(payload: string): string {
  return next(payload) + END;
}

/**
 * A subscription as server-sent events ("distinct connections mode" of graphql-sse). The items are pulled, so a client
 * that does not read costs a position and no queue. Heartbeats are items of the stream, so comments need no timer.
 */
export function eventStream(payloads: Payloads, { ReadableStream, Response }: FetchAPI): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(OPENING);
    },
    async pull(controller) {
      const { done, value } = await payloads.next();
      controller.enqueue(done ? COMPLETE : encoder.encode(next(value.toString())));
      if (done) controller.close();
    },
    async cancel() {
      await payloads.return();
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no', // nginx would buffer events
    },
  });
}
