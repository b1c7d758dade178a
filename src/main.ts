import cluster from 'node:cluster';
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { forgetFirstAdminToken, keepFirstAdminToken } from './accounts/first-admin.ts';
import { type App, startApp } from './app.ts';
import { ConfigError, loadSettings, type Settings, unknownNames } from './config.ts';
import { VERSION } from './graphql/server-info.ts';
import { startWorkers } from './workers.ts';

// Longer than all steps after the drain. Operators configure service managers to kill the process after 30 s.
const CLOSING_MS = 14_000;

/** Reads `.env` of the working directory; variables of the environment have priority. */
function readEnvironment(): Settings {
  if (!existsSync('.env')) return loadSettings();
  const names = Object.keys(parseEnv(readFileSync('.env', 'utf8')));
  for (const name of unknownNames(names)) console.error(`parley: .env: ${name} is not a setting`);
  process.loadEnvFile('.env');
  return loadSettings();
}

/** Explains an operator's mistake in one line; a defect of ours keeps its stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port, address, hostname } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
    hostname?: string;
  };
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Stop what uses it, or set PORT or OPS_PORT.`;
  if (code === 'EACCES' && port)
    return `Port ${port} needs more rights. Set PORT or OPS_PORT to one above 1023.`;
  if (code === 'EADDRNOTAVAIL') return `Address ${address} is not one of this machine. Set HOST or OPS_HOST.`;
  if (code === 'ENOTFOUND') return `There is no host ${hostname}. Set HOST or OPS_HOST.`;
  return error.message.split('\n')[0] ?? error.name;
}

function fail(error: unknown): never {
  const problems = error instanceof ConfigError ? error.problems : [explain(error)];
  for (const problem of problems) console.error(`parley: ${problem}`);
  if (process.env['LOG_LEVEL'] === 'debug') console.error(error);
  process.exit(1);
}

/**
 * Prints the token of the first administrator and writes it to a file that only the server's user can read. The token
 * is never logged. Does nothing if the server has users.
 */
function firstAdminLines({ firstAdminToken: token, log }: App, { DATA_DIR }: Settings): string[] {
  let file: string | null = null;
  try {
    if (token) file = keepFirstAdminToken(DATA_DIR, token);
    else forgetFirstAdminToken(DATA_DIR);
  } catch (error) {
    log.warn(
      { err: (error as Error).message },
      'DATA_DIR: the file with the token of the first administrator stays as it is',
    );
  }
  if (!token) return [];
  return [
    '',
    '  Nobody is registered yet. Within a day, register makes the first administrator with this inviteToken:',
    `  ${token}`,
    ...(file ? [`  It is also in ${file}`] : []),
  ];
}

/** Prints text for people in development, and a log line otherwise. */
function announce(app: App, settings: Settings, tookMs: number): void {
  const urls = {
    url: `${app.url}/graphql`,
    health: `${app.url}/health/ready`,
    metrics: `${app.opsUrl}/metrics`,
  };
  const invitation = firstAdminLines(app, settings);
  if (settings.NODE_ENV !== 'development') {
    const facts = { version: VERSION, tookMs, ...(app.data && { data: app.data }) };
    app.log.info({ ...urls, ...facts }, 'ready');
    if (invitation.length > 0) console.log([...invitation, ''].join('\n'));
    return;
  }
  const lines = [
    '',
    `  Parley ${VERSION} is ready (${(tookMs / 1_000).toFixed(1)} s)`,
    '',
    ...(settings.DEMO ? [`  Chat       ${app.url}   in a browser`] : []),
    `  API        ${urls.url}   HTTP, SSE and WebSocket${settings.GRAPHIQL ? '; in a browser: GraphiQL' : ''}`,
    `  Health     ${urls.health}`,
    `  Metrics    ${urls.metrics}`,
    ...(app.data ? [`  Data       ${app.data}`] : []),
    ...invitation,
    '',
    '  Ctrl-C stops it.',
    '',
  ];
  console.log(lines.join('\n'));
}

/** The first signal stops the node in order, also during its start; the second one ends it at once. */
function stopOnSignals(starting: Promise<App>, settings: Settings): void {
  let isStopping = false;
  const stop = (why: string, exitCode: number) => {
    if (isStopping) process.exit(exitCode || 1);
    isStopping = true;
    setTimeout(() => process.exit(1), settings.DRAIN_SECONDS * 1_000 + CLOSING_MS).unref();
    const inOrder = async () => {
      const app = await starting;
      app.log.info({ why }, 'stopping');
      await app.stop();
      app.log.info('stopped');
      process.exit(exitCode);
    };
    inOrder().catch(fail);
  };
  const mistake = (what: string) => (err: unknown) => {
    starting.then(
      (app) => app.log.fatal({ err }, what),
      () => undefined,
    );
    stop(what, 1);
  };
  // Ctrl-C reaches all processes of the terminal; the primary process stops the workers.
  process.on('SIGINT', () => cluster.isPrimary && stop('SIGINT', 0));
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('uncaughtException', mistake('uncaught exception'));
  process.on('unhandledRejection', mistake('unhandled rejection'));
}

try {
  const settings = readEnvironment();
  const starting = settings.WORKERS > 1 && cluster.isPrimary ? startWorkers(settings) : startApp(settings);
  stopOnSignals(starting, settings);
  const app = await starting;
  if (cluster.isWorker)
    process.send?.({ ready: { url: app.url, data: app.data, firstAdminToken: app.firstAdminToken } });
  else announce(app, settings, Math.round(performance.now()));
} catch (error) {
  fail(error);
}
