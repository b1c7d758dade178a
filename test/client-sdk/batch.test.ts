import { expect, test } from 'vitest';
import { Batch } from '../../packages/client/src/batch.ts';
import { ParleyError } from '../../packages/client/src/errors.ts';

// What several callers ask for together is read until the server answers.

/** A server that answers when told to. */
function server() {
  const requests: { ids: string[]; answer: () => void; fail: (code: string) => void }[] = [];
  const batch = new Batch(
    (ids) =>
      new Promise((resolve, reject) => {
        const fail = (code: string) => reject(new ParleyError(code, code, { retryAfterMs: 1 }));
        requests.push({ ids, answer: resolve, fail });
      }),
  );
  const request = async (n: number) => {
    await expect.poll(() => requests.length).toBe(n);
    return requests[n - 1]!;
  };
  return { batch, request, requests };
}

test('one request for what is asked for at the same time, each id once', async () => {
  const { batch, request, requests } = server();
  batch.add(['a', 'b']);
  batch.add(['b', 'c']);
  const first = await request(1);
  expect(first.ids).toEqual(['a', 'b', 'c']);
  batch.add(['c', 'd']);
  first.answer();
  expect((await request(2)).ids).toEqual(['d']);
  expect(requests).toHaveLength(2);
});

test('a request that fails for a time is repeated, another failure is not', async () => {
  const { batch, request } = server();
  batch.add(['a']);
  (await request(1)).fail('NETWORK');
  const second = await request(2);
  expect(second.ids).toEqual(['a']);
  second.fail('NOT_FOUND');
  batch.add(['b']);
  expect((await request(3)).ids).toEqual(['b']);
});

test('what is asked for again while it is read is read again', async () => {
  const { batch, request } = server();
  batch.add(['a']);
  const first = await request(1);
  batch.addAgain(['a']);
  first.answer();
  expect((await request(2)).ids).toEqual(['a']);
});

test('all that is known can be read again, with what is being read', async () => {
  const { batch, request } = server();
  batch.add(['a']);
  const first = await request(1);
  batch.addAll(['b']);
  first.answer();
  expect((await request(2)).ids).toEqual(['b', 'a']);
});

test('a closed batch repeats nothing', async () => {
  const { batch, request, requests } = server();
  batch.add(['a']);
  const first = await request(1);
  batch.close();
  first.fail('NETWORK');
  batch.add(['b']);
  batch.addAgain(['c']);
  // A repetition would be sent after one millisecond: another batch, begun later, has sent its own.
  const later = server();
  later.batch.add(['d']);
  (await later.request(1)).fail('NETWORK');
  await later.request(2);
  expect(requests).toHaveLength(1);
});
