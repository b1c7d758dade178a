import { Setting } from './setting.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const theme = new Setting<Theme>(
  'theme',
  (text): text is Theme => (themes as readonly string[]).includes(text),
  'system',
);

/** The styles follow the attribute; without it they follow the system. */
export function showTheme(): void {
  const chosen = theme.getSnapshot();
  if (chosen === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = chosen;
}
