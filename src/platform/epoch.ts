import { refuse } from './errors.ts';

/** What a statement that selects `current_epoch() AS epoch` returns: no epoch on a standby. */
export type Unchecked<Row extends { readonly epoch: number }> = Omit<Row, 'epoch'> & {
  readonly epoch: number | null;
};

/**
 * The epoch that a statement saw.
 * @throws UnavailableError on a standby: its data lag behind those of the primary
 */
export function epochIn({ epoch }: { readonly epoch: number | null }): number {
  if (epoch === null)
    throw refuse('UNAVAILABLE', 'The database server is a standby. Connect to the primary.');
  return epoch;
}
