import { createServer, type Server } from 'node:http';
import type { Services } from '../context.ts';
import { type Health, sendJson } from './health.ts';

/** Metrics and health for operators, on a separate port that need not be public. */
export function createOpsServer(node: Pick<Services, 'metrics' | 'log'>, health: Health): Server {
  return createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '/';
    response.setHeader('cache-control', 'no-store');
    const answer = async () => {
      if (await health.handle(path, request, response)) return;
      if (path !== '/metrics')
        return sendJson(response, 404, {
          error: 'Not found. Available: /metrics, /health/live and /health/ready.',
        });
      const { registry } = node.metrics;
      response.writeHead(200, { 'content-type': registry.contentType });
      response.end(await registry.metrics());
    };
    answer().catch((err: unknown) => {
      node.log.error({ err }, 'the operations port could not answer');
      response.destroy();
    });
  });
}
