import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packPackages } from '../../scripts/pack-packages.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** One of examples/, as a team would have it: outside of the repository, from packed packages. */
export interface Example {
  /** Of its pages; to be listed in CORS_ORIGINS. */
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Installs, builds and serves an example.
 * @throws Error if the registry cannot be reached, or the build fails
 */
export async function openExample(name: string): Promise<Example> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-example-'));
  const home = path.join(folder, 'examples', name);
  const isSource = (file: string) => !/node_modules|dist|__generated__/.test(path.relative(ROOT, file));
  cpSync(path.join(ROOT, 'examples', name), home, { recursive: true, filter: isSource });
  cpSync(path.join(ROOT, 'schema.graphql'), path.join(folder, 'schema.graphql'));
  packPackages(path.join(folder, 'examples/packed'));
  await install(home);
  await run('npm', ['run', 'build'], { cwd: home });
  const served = await serve(path.join(home, 'dist'));
  const close = async () => {
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { origin: served.origin, close };
}

async function install(cwd: string): Promise<void> {
  try {
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(
      `The examples install packages of the npm registry, and that failed; can it be reached?\n${stderr}`,
    );
  }
}

async function serve(root: string): Promise<Example> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(root, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { origin: `http://127.0.0.1:${port}`, close };
}
