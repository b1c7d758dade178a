import { full, refuse } from '../platform/errors.ts';
import { type ChangeOutcome, type ChangeStatus, changeStatus } from './kind.ts';

const notMade = (status: ChangeStatus): ChangeOutcome => ({
  status,
  roomSeq: 0,
  messageSeq: 0,
  createdAt: new Date(0),
  username: null,
  displayName: null,
  details: null,
});
export const unavailable = notMade(changeStatus.UNAVAILABLE);
export const failed = notMade(changeStatus.FAILED);
export const fullRoom = notMade(changeStatus.FULL);
export const busy = notMade(changeStatus.BUSY);

const DONE: ReadonlySet<ChangeStatus> = new Set([changeStatus.OK, changeStatus.SAME, changeStatus.REPLAYED]);

const refusals: Partial<Record<ChangeStatus, (details?: object | null) => Error>> = {
  [changeStatus.FULL]: full,
  [changeStatus.UNAVAILABLE]: () => refuse('UNAVAILABLE'),
  [changeStatus.FAILED]: () => new Error('the change could not be made; its batch says why'),
};

/**
 * Returns the outcome of a change that was made, now or before.
 * @throws the refusal for the status: one of the kind's own, or one that all kinds have
 */
export function requireDone(
  outcome: ChangeOutcome,
  own: Partial<Record<ChangeStatus, (details?: object | null) => Error>>,
): ChangeOutcome {
  const { status, details } = outcome;
  if (DONE.has(status)) return outcome;
  throw (own[status] ?? refusals[status])?.(details) ?? new Error(`a change ended with ${status}`);
}
