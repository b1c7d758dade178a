import type { ExecutionResult } from 'graphql';
import type { FetchAPI } from 'graphql-yoga';
import type { ResponseStream } from './subscribe.ts';

/**
 * A subscription as server-sent events ("distinct connections mode" of graphql-sse): pulled, so that a client which
 * does not read keeps a position and no queue. Heartbeats are items of the stream, so there is no timer for comments.
 */
export function eventStream(
  stream: ResponseStream,
  { ReadableStream, Response, TextEncoder }: FetchAPI,
): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(':\n\n')); // makes the headers leave at once
    },
    async pull(controller) {
      const { done, value } = await stream.next();
      controller.enqueue(encoder.encode(done ? 'event: complete\ndata:\n\n' : nextOf(value)));
      if (done) controller.close();
    },
    async cancel() {
      await stream.return();
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no', // nginx would collect events
    },
  });
}

function nextOf(result: ExecutionResult): string {
  return `event: next\ndata: ${JSON.stringify(result)}\n\n`;
}
