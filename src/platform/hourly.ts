import type { Log } from './telemetry.ts';

const EVERY_MS = 3_600_000;
/** Maximum time until the first run: nodes that live for less than an hour clean up, too. */
const FIRST_WITHIN_MS = 600_000;

/** A task that deletes obsolete data. */
export interface Chore {
  /** Resolves with the number of deleted rows. */
  readonly run: () => Promise<number>;
  readonly done: string;
  readonly failed: string;
}

/**
 * Runs a task soon after the start and then every hour. A failed run is repeated in the next hour. Returns a function
 * that stops it.
 */
export function startHourly(log: Log, { run, done, failed }: Chore): () => void {
  const attempt = () => {
    run().then(
      (deleted) => deleted && log.info({ deleted }, done),
      (error: Error) => log.warn({ err: error.message }, `${failed}; trying again in an hour`),
    );
  };
  const first = setTimeout(attempt, FIRST_WITHIN_MS * (0.1 + Math.random() * 0.9)).unref();
  const timer = setInterval(attempt, EVERY_MS).unref();
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}
