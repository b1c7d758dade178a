import { openNode } from '../../src/app.ts';
import { loadSettings } from '../../src/config.ts';
import { type Connection, type Context, Scope, type Services, type Viewer } from '../../src/context.ts';
import { createLog, createMetrics } from '../../src/platform/telemetry.ts';
import { JWT_SECRET } from './node.ts';

export interface OpenServices {
  readonly node: Services;
  close(): Promise<void>;
}

/** The services of a node in this process, over that database: for tests that call resolvers without a transport between. */
export async function openServices(
  databaseUrl: string,
  env: Record<string, string> = {},
): Promise<OpenServices> {
  const settings = loadSettings({ NODE_ENV: 'test', DATABASE_URL: databaseUrl, JWT_SECRET, ...env });
  const undo: (() => unknown)[] = [];
  const node = openNode(databaseUrl, settings, createLog('silent', 'test'), createMetrics(), undo);
  await node.logFollower.start();
  return {
    node,
    close: async () => {
      for (const step of undo.reverse()) await step();
    },
  };
}

/** The context of one operation of that viewer. */
export function contextOf(node: Services, viewer: Viewer | null): Context {
  const connection: Connection = {
    viewer,
    isSocket: true,
    userAgent: null,
    isAbandoned: async () => false,
    addStream: () => () => undefined,
    swapViewer: () => undefined,
    endStreams: () => undefined,
  };
  return {
    node,
    viewer,
    connection,
    ip: '127.0.0.1',
    correlationId: 'test',
    scope: new Scope(),
    asksForPosition: false,
    asksForUnread: false,
    position: null,
  };
}
