/** A key set or a document of an issuer has a few KiB. */
const MAX_BYTES = 64 * 1024;
/** After a failure, requests to an issuer fail at once for this time. Otherwise, anonymous requests could flood it. */
const FAILURE_PAUSE_MS = 2_000;

type Fetch = (url: string | URL, options: RequestInit) => Promise<Response>;

/**
 * A `fetch` for one issuer that follows no redirect, reads at most 64 KiB, and rests after failures. An answer that `check`
 * throws for is one, too.
 * @throws Error, also for a longer answer
 */
export function boundedFetch(check?: (answer: Response) => Promise<void>): Fetch {
  let failure: { readonly until: number; readonly error: unknown } | null = null;
  return async (url, options) => {
    if (failure && performance.now() < failure.until) throw failure.error;
    try {
      const response = await read(url, options);
      await check?.(response.clone());
      failure = null;
      return response;
    } catch (error) {
      failure = { until: performance.now() + FAILURE_PAUSE_MS, error };
      throw error;
    }
  };
}

async function read(url: string | URL, options: RequestInit): Promise<Response> {
  const { status, headers, body } = await fetch(url, { ...options, redirect: 'manual' });
  if (status >= 500) throw new Error(`the issuer answered ${status}`);
  const isEmpty = body === null || status === 204 || status === 304;
  return new Response(isEmpty ? null : await bytesOf(body), { status, headers });
}

async function bytesOf(body: ReadableStream<Uint8Array>): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error(`the answer of the issuer has more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
