import type { Context } from '../context.ts';
import { emojiNameIn, findEmoji } from '../emojis/emojis.ts';
import { refuse } from '../platform/errors.ts';

// One emoji that Unicode recommends for interchange, including those of several code points: flags, skin tones,
// families.
const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v');
/** Selects the colourful form of a character that also has a plain one. */
const EMOJI_FORM = '\uFE0F';

/**
 * Returns the emoji in its canonical spelling, so that equal ones are counted together. Of a custom emoji, this does not say whether it
 * exists: `requireCustomEmoji` does.
 * @throws ValidationError for anything but a single emoji, or the name of one
 */
export function requireEmoji(text: string): string {
  if (emojiNameIn(text) !== null) return text;
  for (const spelling of [text, `${text}${EMOJI_FORM}`]) if (EMOJI.test(spelling)) return spelling;
  throw wrongEmoji(
    'A reaction must be exactly one emoji, or the name of an emoji of this server like :party:.',
  );
}

/** @throws ValidationError for the name of a custom emoji that does not exist */
export async function requireCustomEmoji(ctx: Context, emoji: string): Promise<void> {
  const name = emojiNameIn(emoji);
  if (name !== null && !(await findEmoji(ctx, name))) throw wrongEmoji(`This server has no emoji ${emoji}.`);
}

const wrongEmoji = (detail: string) => refuse('VALIDATION', detail, { path: ['input', 'emoji'] });
