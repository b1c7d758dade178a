import { refuse } from '../platform/errors.ts';

// One emoji as Unicode recommends it for interchange, also of several code points: flags, skin tones, families.
const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');
/** Asks for the colourful form of a character that has a plain one, too. */
const EMOJI_FORM = '\uFE0F';

/**
 * The emoji in its one spelling, so that equal ones are counted together.
 * @throws ValidationError for anything but a single emoji
 */
export function requireEmoji(text: string): string {
  for (const spelling of [text, `${text}${EMOJI_FORM}`]) if (EMOJI.test(spelling)) return spelling;
  throw refuse('VALIDATION', 'A reaction must be exactly one emoji.', { path: ['input', 'emoji'] });
}
