import { invalid } from '../platform/errors.ts';

/** In seconds. Nodes look for expired messages more often than that. */
export const MIN_LIFETIME = 5;
/** In seconds: 366 days. */
export const MAX_LIFETIME = 366 * 86_400;

/** @throws ValidationError for a lifetime of messages outside the limits */
export function requireLifetime(seconds: number, field: string): number {
  if (seconds < MIN_LIFETIME || seconds > MAX_LIFETIME)
    throw invalid(field, `Messages can disappear after ${MIN_LIFETIME} to ${MAX_LIFETIME} seconds.`);
  return seconds;
}
