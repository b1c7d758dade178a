import type { Log } from './telemetry.ts';

const EVERY_MS = 3_600_000;
/** At the latest this long after the start for the first time: nodes that never live an hour clean up, too. */
const FIRST_WITHIN_MS = 600_000;

/** Something that deletes what nobody needs any more. */
export interface Chore {
  /** Resolves with how much was deleted. */
  readonly run: () => Promise<number>;
  readonly done: string;
  readonly failed: string;
}

/** Runs it soon after the start and every hour; what failed is tried again in the next. Returns what stops it. */
export function startHourly(log: Log, { run, done, failed }: Chore): () => void {
  const attempt = () => {
    run().then(
      (deleted) => deleted && log.info({ deleted }, done),
      (error: Error) => log.warn({ err: error.message }, `${failed}; tried again in an hour`),
    );
  };
  const first = setTimeout(attempt, FIRST_WITHIN_MS * (0.1 + Math.random() * 0.9)).unref();
  const timer = setInterval(attempt, EVERY_MS).unref();
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}
