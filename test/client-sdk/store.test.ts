import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { memoryStorage } from '../../packages/client/src/storage.ts';
import { Store } from '../../packages/client/src/store.ts';

const WAIT_MS = 2_000;

async function settled(work: Promise<void>): Promise<boolean> {
  const abort = new AbortController();
  const late = delay(WAIT_MS, false, { signal: abort.signal }).catch(() => false);
  return Promise.race([work.then(() => true), late]).finally(() => abort.abort());
}

test.each(Array.from({ length: 12 }, (_, turns) => turns))(
  'flush resolves, also %i turns of the microtask queue after a change',
  async (turns) => {
    const store = new Store({
      storage: memoryStorage(),
      onCommit: () => undefined,
      onError: (error) => {
        throw error;
      },
    });
    await store.load();
    store.update((model) => ({ ...model, views: { r: { span: null, loading: null } } }));
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    expect(await settled(store.flush())).toBe(true);
  },
);
