import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
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

interface Install {
  readonly name: string;
  readonly command: string;
  /** Files that count in addition to the installed ones. */
  readonly beside: readonly string[];
}

// From the Dockerfile; the rest of its image is that of Node.js.
const [, IMAGE = ''] =
  /^RUN (npm pkg delete .+)$/m.exec(readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8')) ?? [];

const INSTALLS: readonly Install[] = [
  { name: 'npm ci --omit=dev', command: 'npm ci --omit=dev', beside: ['dist', 'prisma/migrations'] },
  { name: 'what the image adds to that of Node.js', command: IMAGE, beside: ['dist', 'prisma/migrations'] },
];

/** In seconds and megabytes. It is the same every time, but for the network. */
function install(world: World, { name, command, beside }: Install): Variant {
  const run = async (): Promise<Figures> => {
    const folder = mkdtempSync(path.join(world.folder, 'install-'));
    mkdirSync(path.join(folder, 'scripts'));
    for (const file of ['package.json', 'package-lock.json', '.npmrc', 'scripts/build.mjs'])
      copyFileSync(path.join(ROOT, file), path.join(folder, file));
    const started = performance.now();
    const options = { cwd: folder, encoding: 'utf8', shell: true } as const;
    const { status, stderr } = spawnSync(command, options);
    if (status !== 0) throw new Error(`${command}: ${stderr}`);
    const seconds = (performance.now() - started) / 1_000;
    const folders = ['node_modules', ...beside.map((each) => path.join(ROOT, each))];
    const { stdout } = spawnSync('du', ['-skc', ...folders], { cwd: folder, encoding: 'utf8' });
    return { seconds, megabytes: Number.parseInt(stdout.trim().split('\n').at(-1) ?? '', 10) / 1_024 };
  };
  return { name, run };
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
      ...(scale.isInstalling ? INSTALLS : []).map((each) => install(world, each)),
    ],
    marks: [],
  };
};
