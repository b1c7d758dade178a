import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);

function options() {
  if (!executablePath) throw new Error('This test needs Chromium: install it, or name it in CHROMIUM_PATH');
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return { executablePath, args };
}

/** Chromium of this machine, without anything that it does by itself in the network. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch(options());
}

/** The same with data that outlive the process, and pages that scripts of a test can be put into. */
export function launchProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...options(), bypassCSP: true });
}
