import type { Log } from './telemetry.ts';

const EVERY_MS = 3_600_000;

/** Something that deletes what nobody needs any more. */
export interface Chore {
  /** Resolves with how much was deleted. */
  readonly run: () => Promise<number>;
  readonly done: string;
  readonly failed: string;
}

/** Runs it every hour; what failed is tried again in the next. Returns what stops it. */
export function startHourly(log: Log, { run, done, failed }: Chore): () => void {
  const attempt = () => {
    run().then(
      (deleted) => deleted && log.info({ deleted }, done),
      (error: Error) => log.warn({ err: error.message }, `${failed}; tried again in an hour`),
    );
  };
  const timer = setInterval(attempt, EVERY_MS).unref();
  return () => clearInterval(timer);
}
