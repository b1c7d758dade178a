import type { JSX } from 'preact';
import { type Theme, theme, themes } from '../platform/theme.ts';
import { type Language, language, languageNames } from '../texts/texts.ts';
import { useTexts, useValue } from './hooks.ts';

/** Language and theme. */
export function Preferences(): JSX.Element {
  const t = useTexts();
  const chosenTheme = useValue(theme);
  const chosenLanguage = useValue(language);
  return (
    <div class="preferences">
      <select
        aria-label={t.chooseLanguage}
        value={chosenLanguage}
        onChange={(event) => language.set(event.currentTarget.value as Language)}
      >
        {languageNames.map((each) => (
          <option value={each.code} lang={each.code}>
            {each.language}
          </option>
        ))}
      </select>
      <select
        aria-label={t.theme}
        value={chosenTheme}
        onChange={(event) => theme.set(event.currentTarget.value as Theme)}
      >
        {themes.map((each) => (
          <option value={each}>{t.themes[each]}</option>
        ))}
      </select>
    </div>
  );
}
