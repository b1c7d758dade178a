/**
 * `npm run bench:compare -- --with ../other-tree --only posts,real --rounds 5`: this tree and another one (built, with its
 * own node_modules) in turns, so that both have the same machine. Prints the ratio of each figure, this tree ÷ the other.
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import {
  type FigureName,
  type Figures,
  type MakeSuite,
  median,
  type Scale,
  type Variant,
} from './figures.ts';
import type { World } from './world.ts';

/** Where each suite is: the file, which is also its export. */
const FILES: Readonly<Record<string, string>> = { posts: 'posts', real: 'fanout', fanout: 'fanout' };
const SHOWN: readonly FigureName[] = ['cpuMicros', 'postgresMicros', 'wholeMicros', 'perSecond', 'p50Ms'];

const { values } = parseArgs({
  options: {
    with: { type: 'string' },
    only: { type: 'string', default: Object.keys(FILES).join() },
    rounds: { type: 'string', default: '5' },
  },
});
if (!values.with) throw new Error('--with names the folder of another tree');
const trees = [path.resolve('.'), path.resolve(values.with)];
const scale: Scale = {
  isQuick: false,
  connections: 5_000,
  messages: 1_000_000,
  seconds: 10,
  attack: '',
  isInstalling: false,
  of: (full) => full,
};

const load = async <Module>(tree: string, file: string) =>
  (await import(pathToFileURL(path.join(tree, 'bench', `${file}.ts`)).href)) as Module;

/** Parley's variants of a suite in a world of that tree. */
async function variantsOf(tree: string, name: string): Promise<{ world: World; variants: Variant[] }> {
  const { World: TreeWorld } = await load<{ World: new (isProfiled: boolean) => World }>(tree, 'world');
  const suites = await load<Record<string, MakeSuite>>(tree, FILES[name] as string);
  const world = new TreeWorld(false);
  await world.open();
  const { variants } = await (suites[name] as MakeSuite)(world, scale);
  return { world, variants: variants.filter((variant) => variant.name.startsWith('Parley')) };
}

async function compare(name: string, rounds: number): Promise<void> {
  const sides = [await variantsOf(trees[0] as string, name), await variantsOf(trees[1] as string, name)];
  const [ours, theirs] = sides as [(typeof sides)[0], (typeof sides)[0]];
  for (const [i, { name: title }] of ours.variants.entries()) {
    const found: [Figures, Figures][] = [];
    for (let round = 0; round <= rounds; round++) {
      const pair: [Figures, Figures] = [{}, {}];
      // Each is first in every other round.
      for (const side of round % 2 ? [0, 1] : [1, 0])
        pair[side] = await ((side ? theirs : ours).variants[i] as Variant).run();
      if (round > 0) found.push(pair);
    }
    for (const figure of SHOWN) {
      const ratios = found.map(([our, their]) => (our[figure] ?? Number.NaN) / (their[figure] ?? Number.NaN));
      if (ratios.some(Number.isNaN)) continue;
      const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
      const of = (side: 0 | 1) => median(found.map((pair) => pair[side][figure] ?? 0)).toFixed(2);
      console.log(
        `${title}: ${figure} ${of(0)} ÷ ${of(1)} = ${median(ratios).toFixed(3)} (${low.toFixed(2)}–${high.toFixed(2)})`,
      );
    }
  }
  for (const { world } of sides) await world.close();
}

for (const tree of trees) (await load<{ installPeers(): void }>(tree, 'install')).installPeers();
for (const name of values.only.split(',')) await compare(name, Number(values.rounds));
process.exit(0);
