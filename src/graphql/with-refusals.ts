import type { Context } from '../context.ts';
import { databaseFailure } from '../platform/database-failure.ts';
import { asRefusal, Refusal } from '../platform/errors.ts';

/**
 * Runs a rule and counts its refusals.
 * @throws Refusal, also if the database failed; then the same call may be repeated
 */
export async function withRefusals<Result>(ctx: Context, rule: () => Promise<Result>): Promise<Result> {
  try {
    return await rule();
  } catch (error) {
    const refusal = asRefusal(error);
    if (refusal !== error) logDatabaseFailure(ctx, error as Error);
    if (refusal instanceof Refusal) ctx.node.metrics.refusals.inc({ code: refusal.code });
    throw refusal;
  }
}

function logDatabaseFailure({ node, correlationId }: Context, error: Error): void {
  const failure = databaseFailure(error);
  const level = failure === 'damaged' ? 'error' : 'warn';
  node.log[level]({ err: error.message, failure, correlationId }, 'the database could not do it');
}
