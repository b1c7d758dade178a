import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startNode } from '../test/harness/node.ts';
import type { Figures, MakeSuite, Scale, Variant } from './figures.ts';
import type { World } from './world.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

async function start(databaseUrl: string): Promise<Figures> {
  const started = performance.now();
  const node = await startNode({ databaseUrl });
  const seconds = (performance.now() - started) / 1_000;
  await node.stop();
  return { seconds };
}

/** `npm ci --omit=dev`, in seconds and megabytes. It is the same every time, but for the network. */
function install(world: World): Variant {
  const run = async (): Promise<Figures> => {
    const folder = mkdtempSync(path.join(world.folder, 'install-'));
    for (const file of ['package.json', 'package-lock.json', '.npmrc'])
      copyFileSync(path.join(ROOT, file), path.join(folder, file));
    const started = performance.now();
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const { status, stderr } = spawnSync('npm', ['ci', '--omit=dev', '--ignore-scripts'], options);
    if (status !== 0) throw new Error(`npm ci: ${stderr}`);
    const seconds = (performance.now() - started) / 1_000;
    const { stdout } = spawnSync('du', ['-sk', 'node_modules'], options);
    return { seconds, megabytes: Number.parseInt(stdout, 10) / 1_024 };
  };
  return { name: 'npm ci --omit=dev', run };
}

/** From starting the process to being ready for clients. */
export const startUp: MakeSuite = async (world: World, scale: Scale) => {
  const settled = await world.createDatabase();
  await start(settled);
  return {
    title: 'Start-up',
    each: 'start',
    main: 'seconds',
    variants: [
      { name: 'Parley, with its tables there', run: () => start(settled) },
      { name: 'Parley, empty database', run: async () => start(await world.createDatabase()) },
      ...(scale.isInstalling ? [install(world)] : []),
    ],
    marks: [],
  };
};
