import { refuse } from '../platform/errors.ts';

// One emoji that Unicode recommends for interchange, including those of several code points: flags, skin tones,
// families.
const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');
/** Selects the colourful form of a character that also has a plain one. */
const EMOJI_FORM = '\uFE0F';

/**
 * Returns the emoji in its canonical spelling, so that equal ones are counted together.
 * @throws ValidationError for anything but a single emoji
 */
export function requireEmoji(text: string): string {
  for (const spelling of [text, `${text}${EMOJI_FORM}`]) if (EMOJI.test(spelling)) return spelling;
  throw refuse('VALIDATION', 'A reaction must be exactly one emoji.', { path: ['input', 'emoji'] });
}
