import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Api, Caller } from './api.ts';

const ADMIN = fileURLToPath(new URL('../../../dist/admin.js', import.meta.url));
// A token is exchanged this long before it expires, so that none expires during a call.
const MARGIN_MS = 20_000;
/** The last time that a date can have. */
const LAST_TIME_MS = 8.64e15;

interface Imported {
  readonly username: string;
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** An account and its session. */
export class Person implements Caller {
  readonly userId: string;
  private readonly api: Api;
  private accessToken: string;
  private refreshToken: string;
  private expiresAt: number;
  private refreshing: Promise<void> | null = null;

  constructor(api: Api, { userId, accessToken, refreshToken }: Imported) {
    this.api = api;
    this.userId = userId;
    this.accessToken = accessToken;
    this.refreshToken = refreshToken;
    this.expiresAt = expiryOf(accessToken);
  }

  /** As the SDK stores it. Who gets it has the session from now on: its refresh token is good once. */
  get session() {
    const { userId, accessToken, refreshToken, expiresAt } = this;
    const accessTokenExpiresAt = new Date(Math.min(expiresAt, LAST_TIME_MS)).toISOString();
    return { userId, accessToken, refreshToken, accessTokenExpiresAt };
  }

  async token(): Promise<string> {
    if (Date.now() > this.expiresAt - MARGIN_MS) await this.refresh();
    return this.accessToken;
  }

  reject(token: string): void {
    if (token === this.accessToken) this.expiresAt = 0;
  }

  /** Concurrent callers share one exchange. */
  refresh(): Promise<void> {
    this.refreshing ??= this.exchange().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async exchange(): Promise<void> {
    const { tokens } = await this.api.mutate<{ tokens: { accessToken: string; refreshToken: string } }>(
      null,
      'refreshSession',
      'tokens { accessToken refreshToken }',
      { refreshToken: this.refreshToken },
    );
    this.accessToken = tokens.accessToken;
    this.refreshToken = tokens.refreshToken;
    this.expiresAt = expiryOf(tokens.accessToken);
  }
}

/** When a token expires, in ms since 1970; infinite if it does not say so. */
function expiryOf(token: string): number {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const { exp } = claims as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Creates accounts for all users with the operator's command line, in the order of `displayNames`. */
export async function importPeople(
  api: Api,
  displayNames: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Person[]> {
  const run = randomBytes(4).toString('hex');
  const lines = displayNames.map((displayName, i) =>
    JSON.stringify({ username: `irc-${run}-${i}`, displayName }),
  );
  const printed = await runAdmin(['import-users', '-'], `${lines.join('\n')}\n`, env);
  const imported = printed
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Imported);
  const byName = new Map(imported.map((one) => [one.username, one]));
  return displayNames.map((_, i) => {
    const one = byName.get(`irc-${run}-${i}`);
    if (!one) throw new Error(`import-users did not make irc-${run}-${i}`);
    return new Person(api, one);
  });
}

async function runAdmin(args: string[], input: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, [ADMIN, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const status = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => {}); // the command ended early, and its output says why
  child.stdin.end(input);
  const [printed, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), status]);
  if (code !== 0) throw new Error(`${args[0]} failed: ${complaint.trim() || `exit code ${code}`}`);
  return printed;
}
