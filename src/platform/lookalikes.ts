// Names that look like other names: Unicode Technical Standard 39, "highly restrictive", for each word.

/** Emoji, with the invisible characters that belong to them. */
const EMOJI =
  /[0-9#*]\ufe0f?\u20e3|\u{1f3f4}[\u{e0020}-\u{e007e}]{1,7}\u{e007f}|\p{Extended_Pictographic}[\ufe0e\ufe0f]?\p{Emoji_Modifier}?(?:\u200d\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?){0,9}/gu;
/** A letter of a script that may need joiners, such as Arabic and Devanagari. */
const LETTER = '[[\\p{L}\\p{M}]--[\\p{scx=Latn}\\p{scx=Grek}\\p{scx=Cyrl}\\p{sc=Zyyy}]]';
const JOINERS = new RegExp(`(?<=${LETTER})[\\u200c\\u200d](?=${LETTER})`, 'gv');
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/** Whether a name contains characters that nobody sees, so that it looks like the name without them. */
export function hasInvisible(name: string): boolean {
  return INVISIBLE.test(name.replaceAll(EMOJI, '').replaceAll(JOINERS, ''));
}

/** The scripts that belong together: Japanese, Chinese with Bopomofo, Korean, all with Latin. */
const TOGETHER = ['Latn Hani Hira Kana', 'Latn Hani Bopo', 'Latn Hani Hang'];
/** The other scripts of UAX 31, table 5: each alone. */
const ALONE =
  'Arab Armn Beng Cyrl Deva Ethi Geor Grek Gujr Guru Hebr Khmr Knda Laoo Mlym Mymr Orya Sinh Taml Telu Thaa Thai Tibt';
const SETS = [...TOGETHER, ...ALONE.split(' ')].map((scripts) =>
  scripts.split(' ').map((script) => `\\p{scx=${script}}`),
);
const SHARED = '\\p{scx=Zyyy}\\p{scx=Zinh}';
/** Words of one script, or of none of these. */
const UNMIXED = new RegExp(
  `^(?:${SETS.map((set) => `[${set.join('')}${SHARED}]+`).join('|')}|[^${SETS.flat().join('')}]+)$`,
  'u',
);

/** Whether a word of the name has letters of scripts that are not used together, such as Latin and Cyrillic. */
export function mixesScripts(name: string): boolean {
  return (name.match(/[\p{L}\p{M}]+/gu) ?? []).some((word) => !UNMIXED.test(word));
}
