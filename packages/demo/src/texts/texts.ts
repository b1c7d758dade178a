import { Setting } from '../platform/setting.ts';
import { de } from './de.ts';
import { en, type Texts } from './en.ts';

const languages = { en, de };
export type Language = keyof typeof languages;
export const languageNames = Object.entries(languages).map(([code, { language }]) => ({
  code: code as Language,
  language,
}));

const isLanguage = (code: string): code is Language => code in languages;

/** The first of the browser's languages that there are texts in. */
function preferred(): Language {
  const codes = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return codes.find(isLanguage) ?? 'en';
}

/** The language of the page. Follows the browser until the person chooses. */
export const language = new Setting<Language>('language', isLanguage, preferred());

export const textsIn = (code: Language): Texts => languages[code];
