import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Services } from '../context.ts';
import { statement } from '../platform/db.ts';
import { migrationStatus } from '../platform/migrate.ts';

export interface Readiness {
  /** Degraded: the node works, but announcements between nodes arrive late. */
  readonly status: 'ready' | 'degraded' | 'unavailable';
  readonly checks: {
    readonly database: 'ok' | 'away';
    readonly migrations: 'ok' | 'pending' | 'unknown';
    readonly bus: 'ok' | 'away';
    readonly draining: boolean;
  };
}

const ping = statement('SELECT 1 AS one');
const PATIENCE_MS = 2_000;
// Load balancers send many requests, so they share one answer for this time.
const DATABASE_FRESH_MS = 1_000;
const MIGRATIONS_FRESH_MS = 10_000;

type Needed = Pick<Services, 'db' | 'bus'>;

/** Whether this node is alive, and whether it should get requests. */
export class Health {
  isDraining = false;
  private readonly node: Needed;
  private readonly database: () => Promise<boolean>;
  private readonly migrations: () => Promise<boolean>;

  constructor(node: Needed) {
    this.node = node;
    this.database = remembered(() => this.answers(), DATABASE_FRESH_MS);
    this.migrations = remembered(() => this.isMigrated(), MIGRATIONS_FRESH_MS);
  }

  async readiness(): Promise<Readiness> {
    const hasDatabase = await this.database();
    const migrated = hasDatabase ? await this.migrations().catch(() => null) : null;
    const isFit = hasDatabase && migrated === true && !this.isDraining;
    const hasNews = this.node.bus?.isHealthy ?? true;
    return {
      status: !isFit ? 'unavailable' : hasNews ? 'ready' : 'degraded',
      checks: {
        database: hasDatabase ? 'ok' : 'away',
        migrations: migrated === null ? 'unknown' : migrated ? 'ok' : 'pending',
        bus: hasNews ? 'ok' : 'away',
        draining: this.isDraining,
      },
    };
  }

  /** Answers `/health/live` and `/health/ready`; false for any other path. */
  async handle(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (path !== '/health/live' && path !== '/health/ready') return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendJson(response, 405, { error: 'Use GET.' }, { allow: 'GET, HEAD' });
      return true;
    }
    const answer = path === '/health/live' ? ({ status: 'live' } as const) : await this.readiness();
    sendJson(response, answer.status === 'unavailable' ? 503 : 200, answer, { 'cache-control': 'no-store' });
    return true;
  }

  private async answers(): Promise<boolean> {
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE_MS, false).unref());
    const answer = this.node.db.read.rows(ping, []).then(
      () => true,
      () => false,
    );
    return Promise.race([answer, late]);
  }

  // A newer program may have added migrations: nodes are replaced one by one, and this node continues to work.
  private async isMigrated(): Promise<boolean> {
    const query = async (text: string, values: unknown[] = []) => ({
      rows: await this.node.db.read.rows(statement(text), values),
    });
    const status = await migrationStatus({ query } as unknown as Parameters<typeof migrationStatus>[0]);
    return status.pending.length === 0;
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': length,
    ...headers,
  });
  response.end(text);
}

/** Returns one answer to all callers within that time. */
function remembered<Answer>(ask: () => Promise<Answer>, freshMs: number): () => Promise<Answer> {
  let last: { readonly at: number; readonly answer: Promise<Answer> } | undefined;
  return () => {
    const now = performance.now();
    if (!last || now - last.at > freshMs) last = { at: now, answer: ask() };
    return last.answer;
  };
}
