import './style/main.css';
import { render } from 'preact';
import { client, line } from './platform/chat.ts';
import { startReading } from './platform/reading.ts';
import { showTheme, theme } from './platform/theme.ts';
import { language } from './texts/texts.ts';
import { App } from './ui/app.tsx';

function showLanguage(): void {
  document.documentElement.lang = language.getSnapshot();
}

client.viewer.subscribe(() => {
  if (!client.viewer.getSnapshot()) line.reset();
});
theme.subscribe(showTheme);
language.subscribe(showLanguage);
showTheme();
showLanguage();
startReading();

const root = document.querySelector('#app');
if (root) render(<App />, root);
