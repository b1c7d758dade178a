import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AggregatorRegistry } from 'prom-client';
import type { App } from './app.ts';
import type { Settings } from './config.ts';
import { createLog, type Log } from './platform/telemetry.ts';

/** The message of a worker to the primary process when it is ready. */
type Ready = Pick<App, 'url' | 'data' | 'firstAdminToken'>;

// A worker that ends repeatedly has a permanent cause.
const RESTART_MS = 500;
const MAX_RESTART_MS = 30_000;
const LASTED_MS = 60_000;

/**
 * Starts several nodes behind one port on this machine, each in its own process. Node.js gives every new connection to
 * the next one. They are ordinary nodes, and communicate over Redis.
 * @throws Error when one ends before it is ready
 */
export async function startWorkers(settings: Settings): Promise<App> {
  const log = createLog(settings.LOG_LEVEL, `${process.pid}`);
  const ops = await serveMetrics(settings);
  const workers = new Workers(log);
  try {
    // Sequential: the first worker migrates.
    let ready = await workers.start();
    for (let i = 1; i < settings.WORKERS; i++) ready = await workers.start();
    const { port } = ops.address() as AddressInfo;
    const stop = () => workers.stop().finally(() => ops.close().closeAllConnections());
    return { ...ready, opsUrl: `http://${settings.OPS_HOST}:${port}`, log, stop };
  } catch (error) {
    await workers.stop();
    throw error;
  }
}

class Workers {
  private readonly log: Log;
  private isStopping = false;
  private restartMs = RESTART_MS;

  constructor(log: Log) {
    this.log = log;
  }

  /** Drains all workers. Their clients reconnect to other machines, if there are any. */
  async stop(): Promise<void> {
    this.isStopping = true;
    const living = Object.values(cluster.workers ?? {}) as Worker[];
    const gone = living.map((worker) => once(worker, 'exit'));
    for (const worker of living) worker.process.kill('SIGTERM');
    await Promise.all(gone);
  }

  /** Resolves when the worker is ready. If it ends later, it is replaced. */
  async start(): Promise<Ready> {
    const worker = cluster.fork({ OPS_PORT: '0' }); // its metrics are read over its channel
    const startedAt = performance.now();
    const ready = new Promise<Ready>((resolve, reject) => {
      worker.on('message', (message: { ready?: Ready }) => message.ready && resolve(message.ready));
      worker.once('exit', () => reject(new Error('a worker ended before it was ready')));
    });
    await ready;
    this.log.info({ worker: worker.process.pid }, 'a worker is ready');
    worker.once('exit', (code, signal) => void this.replace(startedAt, signal || String(code)));
    return ready;
  }

  private async replace(startedAt: number, how: string): Promise<void> {
    if (this.isStopping) return;
    this.log.error({ how }, 'a worker ended by itself and is replaced');
    if (performance.now() - startedAt > LASTED_MS) this.restartMs = RESTART_MS;
    await delay(this.restartMs);
    this.restartMs = Math.min(this.restartMs * 2, MAX_RESTART_MS);
    if (this.isStopping) return;
    await this.start().catch((error: Error) => this.replace(performance.now(), error.message));
  }
}

/** Serves the sums over all workers. It asks each worker over its channel; the public port reports their health. */
async function serveMetrics({ OPS_PORT, OPS_HOST }: Settings): Promise<Server> {
  const registry = new AggregatorRegistry();
  const server = createServer((request, response) => {
    response.setHeader('cache-control', 'no-store');
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end('Here is /metrics.\n');
      return;
    }
    registry.clusterMetrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(503).end('A worker did not answer.\n'),
    );
  });
  server.listen(OPS_PORT, OPS_HOST);
  await once(server, 'listening');
  return server;
}
