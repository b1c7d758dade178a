import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { installPackage } from './packages.ts';

const find = () =>
  [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
    (path) => path && existsSync(path),
  );

/** @throws Error where there is no Chromium, and it cannot be installed */
async function options() {
  if (!find()) await installPackage('chromium');
  const executablePath = find();
  if (!executablePath)
    throw new Error(
      'These tests need Chromium: install it (Debian: apt-get install chromium), or name it in CHROMIUM_PATH.',
    );
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
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch(await options());
}

/** The same with data that outlive the process, and pages that scripts of a test can be put into. */
export async function launchProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...(await options()), bypassCSP: true });
}
