import { Inspector } from '../test/harness/inspector.ts';

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

const LONGEST = 14;

/** Runs `work` while the process behind that inspector is sampled. Where its own time went, as lines to print. */
export async function profile(inspectorUrl: string, work: () => Promise<unknown>): Promise<string> {
  const inspector = await Inspector.open(inspectorUrl);
  await inspector.ask('Profiler.enable');
  await inspector.ask('Profiler.setSamplingInterval', { interval: 500 });
  await inspector.ask('Profiler.start');
  await work();
  const { profile: taken } = await inspector.ask<{ profile: Profile }>('Profiler.stop');
  inspector.close();
  return `by package\n${longest(taken, packageOf)}\nby function\n${longest(taken, functionOf)}`;
}

function longest({ nodes, samples, timeDeltas }: Profile, nameOf: (node: ProfileNode) => string): string {
  const names = new Map(nodes.map((node) => [node.id, nameOf(node)]));
  const times = new Map<string, number>();
  samples.forEach((id, i) => {
    const name = names.get(id) ?? '';
    if (name !== '(idle)') times.set(name, (times.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  });
  const busy = [...times.values()].reduce((sum, each) => sum + each, 0);
  const sorted = [...times].sort((a, b) => b[1] - a[1]).slice(0, LONGEST);
  return sorted
    .map(([name, time]) => `  ${((100 * time) / busy).toFixed(1).padStart(5)} %  ${name}`)
    .join('\n');
}

function packageOf({ callFrame: { functionName, url } }: ProfileNode): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  const inOwn = /.*\/dist\/(.+)/.exec(url)?.[1];
  return inPackage ?? (url.startsWith('node:') ? 'node' : `parley ${inOwn ?? url}`);
}

function functionOf(node: ProfileNode): string {
  const { functionName, url, lineNumber } = node.callFrame;
  const where = url === '' ? '' : ` ${url.replace(/.*\/(node_modules|dist)\//, '')}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${where}`;
}
