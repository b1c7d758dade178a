import { expect, test } from 'vitest';
import { UnavailableError } from '../src/platform/errors.ts';
import { Semaphore } from '../src/platform/semaphore.ts';

/** Tasks that end on request, and their outcomes in order. */
class Stage {
  readonly begun: string[] = [];
  private readonly ends = new Map<string, () => void>();

  task(name: string): () => Promise<string> {
    return () => {
      this.begun.push(name);
      return new Promise((resolve) => this.ends.set(name, () => resolve(name)));
    };
  }

  end(name: string): void {
    this.ends.get(name)?.();
  }
}

test('runs so many at once, and the others in the order they came, urgent ones first', async () => {
  const semaphore = new Semaphore({ limit: 2 });
  const stage = new Stage();
  const runs = ['a', 'b', 'c', 'd'].map((name) => semaphore.run(stage.task(name)));
  const urgent = semaphore.run(stage.task('urgent'), { isUrgent: true });
  await Promise.resolve();
  expect(stage.begun).toEqual(['a', 'b']);
  for (const name of ['b', 'urgent', 'a', 'c', 'd']) {
    await expect.poll(() => stage.begun).toContain(name);
    stage.end(name);
  }
  expect(await Promise.all([...runs, urgent])).toEqual(['a', 'b', 'c', 'd', 'urgent']);
  expect(stage.begun).toEqual(['a', 'b', 'urgent', 'c', 'd']);
});

test('refuses who would wait too long, but urgent ones are not refused because of others', async () => {
  const semaphore = new Semaphore({ limit: 1, maxWaiting: 1, tooMany: 'Too many.' });
  const stage = new Stage();
  const kept = [semaphore.run(stage.task('a')), semaphore.run(stage.task('b'))];
  await expect(semaphore.run(stage.task('c'))).rejects.toThrow(UnavailableError);
  await expect(semaphore.run(stage.task('c'))).rejects.toThrow('Too many.');
  kept.push(semaphore.run(stage.task('urgent'), { isUrgent: true }));
  for (const name of ['a', 'urgent', 'b']) {
    await expect.poll(() => stage.begun).toContain(name);
    stage.end(name);
  }
  await Promise.all(kept);
  expect(stage.begun).toEqual(['a', 'urgent', 'b']);
});

test('a task that fails gives its place to the next', async () => {
  const semaphore = new Semaphore({ limit: 1 });
  const failed = semaphore.run(() => Promise.reject(new Error('no')));
  const next = semaphore.run(() => Promise.resolve('next'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('next');
});
