import { once } from 'node:events';
import WebSocket from 'ws';

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
  const ws = new WebSocket(inspectorUrl, { maxPayload: 1 << 30 });
  await once(ws, 'open');
  let lastId = 0;
  const command = (method: string, params: object = {}) => {
    const id = ++lastId;
    ws.send(JSON.stringify({ id, method, params }));
    return new Promise<{ profile: Profile }>((resolve) => {
      const hear = (data: Buffer) => {
        const answer = JSON.parse(String(data)) as { id?: number; result: { profile: Profile } };
        if (answer.id !== id) return;
        ws.off('message', hear);
        resolve(answer.result);
      };
      ws.on('message', hear);
    });
  };
  await command('Profiler.enable');
  await command('Profiler.setSamplingInterval', { interval: 500 });
  await command('Profiler.start');
  await work();
  const { profile: taken } = await command('Profiler.stop');
  ws.terminate();
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
