import { countCharacters } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';

/** Of the reason for an act, in characters. */
export const MAX_REASON = 500;

/**
 * Returns the reason as it is stored: null without any visible text.
 * @throws ValidationError
 */
export function reasonOf(given: string | null | undefined): string | null {
  const reason = given?.trim() ?? '';
  if (countCharacters(reason) > MAX_REASON)
    throw invalid('input.reason', `A reason can have at most ${MAX_REASON} characters.`);
  return reason || null;
}
