import { isIP, isIPv4 } from 'node:net';
import { z } from 'zod';
import { issuers } from './issuer-settings.ts';

/** Missing or wrong settings. Each problem is one line that names its setting. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const truth = z.stringbool({ error: 'must be true or false' });
const flag = (fallback: boolean) => truth.default(fallback);
const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};
const count = (fallback: number, max = 1_000_000) => whole(1, max).default(fallback);
const port = (fallback: number) => whole(0, 65_535).default(fallback);
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );
// The form that browsers send; a value with a path or a slash at the end would never match it.
const isOrigin = (text: string) => /^[a-z][a-z\d+.-]*:\/\/[^\s/?#]+$/.test(text);
const databaseUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgresql:// URL' })
  .refine(isDecodable, { error: 'has a % that encodes no character; write %25 for a percent sign' });
const pageUrl = z.string().regex(/^(https?:\/\/[^\s/?#]+)?\/[^\s#]*$/, {
  error: 'must be an https:// or http:// URL with a path, or a path, without #',
});
const publicUrl = z.string().regex(/^https?:\/\/[^\s/?#]+\/[^\s#]*$/, {
  error: 'must be an https:// or http:// URL with a path, without #',
});
const sender = z.string().regex(/^([^<>@\r\n]+<)?[^\s<>@]+@[^\s<>@]+>?$/, {
  error: 'must be an address, or a name and an address: Parley <parley@example.org>',
});
const NETWORK_NAMES = ['loopback', 'linklocal', 'uniquelocal'];
const isNetwork = (text: string) => {
  const [address = '', prefix = '0', ...more] = text.split('/');
  const isPrefix = /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128);
  return NETWORK_NAMES.includes(text) || (isIP(address) !== 0 && isPrefix && more.length === 0);
};
const MAX_PROXIES = 16;
const proxiesIn = (text: string): boolean | number | string[] | null => {
  const flag = truth.safeParse(text);
  if (flag.success) return flag.data;
  if (/^\d+$/.test(text)) return Number(text) <= MAX_PROXIES ? Number(text) : null;
  const networks = text.split(',').map((part) => part.trim());
  return networks.every(isNetwork) ? networks : null;
};
const proxies = z.string().transform((text, ctx) => {
  const found = proxiesIn(text);
  if (found !== null) return found;
  const message = `must be true, false, a number of proxies up to ${MAX_PROXIES}, or networks such as 10.0.0.0/8,uniquelocal`;
  ctx.addIssue({ code: 'custom', message });
  return z.NEVER;
});
const secret = z.string().min(32, 'must have at least 32 characters (try: openssl rand -base64 48)');

/**
 * All settings: name, type, default. docs/operations.md and .env.example have the same list, and a test compares the
 * three. Times are in the unit at the end of the name.
 */
export const settingsSchema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: port(4000),
  HOST: z.string().min(1).optional(),
  OPS_PORT: port(4001),
  OPS_HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_POOL_SIZE: count(12, 500),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
  DATA_DIR: z.string().min(1).default('data'),
  MIGRATE_ON_START: flag(true),
  JWT_SECRET: secret.optional(),
  JWT_SECRET_PREVIOUS: secret.optional(),
  JWT_ISSUER: z.string().min(1).default('parley'),
  ACCESS_TOKEN_TTL_SECONDS: count(900, 86_400),
  REFRESH_TOKEN_TTL_DAYS: count(30, 3650),
  REGISTRATION_MODE: z.enum(['open', 'invite', 'closed']).default('open'),
  // Its default depends on REGISTRATION_MODE.
  ALLOW_GUESTS: truth.optional(),
  INVITE_PAGE_URL: pageUrl.default('/'),
  ISSUERS: issuers,
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be a smtp:// or smtps:// URL' }).optional(),
  MAIL_FROM: sender.optional(),
  PUBLIC_URL: publicUrl.optional(),
  CORS_ORIGINS: list.refine((origins) => origins.every(isOrigin), {
    error: 'must be origins such as https://chat.example.org, with commas between',
  }),
  TRUST_PROXY: proxies.default(false),
  // Their defaults depend on NODE_ENV; a default here would override that.
  DEMO: truth.optional(),
  GRAPHIQL: truth.optional(),
  INTROSPECTION: truth.optional(),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  MAX_BODY_BYTES: count(100_000),
  MAX_FRAME_BYTES: count(65_536),
  MAX_DOCUMENT_BYTES: count(65_536),
  MAX_OPERATIONS: count(20, 1000),
  MAX_DEPTH: count(12, 100),
  MAX_ALIASES: count(30, 1000),
  MAX_ROOT_FIELDS: count(10, 100),
  MAX_TOKENS: count(4_000, 100_000),
  MAX_COST: count(10_000),
  COST_PER_SECOND: count(20_000, 1_000_000_000),
  COST_BURST: count(100_000, 1_000_000_000),
  ADDRESS_COST_PER_SECOND: count(20_000, 1_000_000_000),
  ADDRESS_COST_BURST: count(100_000, 1_000_000_000),
  ANONYMOUS_COST_PER_SECOND: count(100_000, 1_000_000_000),
  ANONYMOUS_COST_BURST: count(200_000, 1_000_000_000),
  MAX_SOCKETS: count(20_000),
  MAX_SOCKETS_PER_USER: count(100),
  MAX_SOCKETS_PER_ADDRESS: count(50),
  ANONYMOUS_SOCKETS_PERCENT: count(20, 100),
  MAX_STREAMS_PER_SOCKET: count(100, 10_000),
  MAX_STREAMS_PER_USER: count(500),
  MAX_ROOMS_PER_USER: count(2_000, 100_000),
  IDLE_SECONDS: count(600, 86_400),
  ANONYMOUS_IDLE_SECONDS: count(60, 86_400),
  WS_COMPRESSION: flag(false),
  MESSAGES_PER_SECOND: count(200),
  MESSAGES_BURST: count(1_000),
  POSTS_PER_SECOND: count(50),
  POSTS_BURST: count(200),
  CHANGES_PER_SECOND: count(20),
  CHANGES_BURST: count(200),
  SEARCHES_PER_SECOND: count(5),
  SEARCHES_BURST: count(20),
  LOGINS_PER_MINUTE: count(10),
  SECOND_FACTOR_CODES_PER_HOUR: count(20),
  REGISTRATIONS_PER_HOUR: count(30),
  GUESTS_PER_HOUR: count(60),
  MAIL_REQUESTS_PER_HOUR: count(20),
  MAIL_REQUESTS_PER_MINUTE: count(120),
  MAILS_PER_HOUR: count(5),
  WRITE_DEADLINE_MS: whole(100, 60_000).default(10_000),
  EPHEMERAL_LEASE_SECONDS: count(45, 3_600),
  HEAD_CHECK_MS: count(1_000, 10_000),
  HEARTBEAT_SECONDS: count(20, 600),
  CONSUMER_POLL_MS: whole(10, 60_000).default(250),
  CONSUMER_MAX_ATTEMPTS: count(10, 100),
  CONSUMER_RETRY_SECONDS: count(1, 300),
  JOB_CONCURRENCY: count(4, 100),
  GUEST_RETENTION_DAYS: count(30, 3650),
  AUDIT_RETENTION_DAYS: count(365, 36_500),
  LOG_RETENTION_DAYS: count(30, 36_500),
  DRAIN_SECONDS: count(15, 120),
  WORKERS: count(1, 256),
});

type Parsed = z.output<typeof settingsSchema>;

/** The settings, including values derived from others. */
export interface Settings extends Parsed {
  readonly HOST: string;
  readonly ALLOW_GUESTS: boolean;
  readonly DEMO: boolean;
  readonly GRAPHIQL: boolean;
  readonly INTROSPECTION: boolean;
  readonly isProduction: boolean;
}

interface Problem {
  readonly setting: string;
  readonly says: string;
}

function problemsOfValues({ issues }: z.ZodError): Problem[] {
  return issues.map(({ path, message }) => ({ setting: path.join('.') || 'settings', says: message }));
}

/** Settings that are valid alone, but not together. */
function problemsBetween(parsed: Parsed): Problem[] {
  const { PORT, OPS_PORT, NODE_ENV, WORKERS } = parsed;
  return [
    ...(NODE_ENV === 'production' ? weakSecret(parsed) : []),
    ...(PORT !== 0 && PORT === OPS_PORT
      ? [{ setting: 'OPS_PORT', says: 'must be another port than PORT' }]
      : []),
    ...(WORKERS > 1 ? missingForWorkers(parsed) : []),
    ...(parsed.SMTP_URL ? missingForMail(parsed) : []),
  ];
}

function weakSecret({ JWT_SECRET }: Parsed): Problem[] {
  const setting = 'JWT_SECRET';
  if (!JWT_SECRET) return [{ setting, says: 'is required when NODE_ENV=production' }];
  const isWeak = new Set(JWT_SECRET).size < 10;
  return isWeak ? [{ setting, says: 'is too weak (try: openssl rand -base64 48)' }] : [];
}

/** A mail needs a sender, and the address of a page: the node does not know its own. */
function missingForMail(parsed: Parsed): Problem[] {
  const needed = ['MAIL_FROM', 'PUBLIC_URL'] as const;
  return needed
    .filter((setting) => !parsed[setting])
    .map((setting) => ({ setting, says: 'is required when SMTP_URL is set' }));
}

/** Several nodes need a shared database, and a Redis for announcements. */
function missingForWorkers(parsed: Parsed): Problem[] {
  const shared = ['DATABASE_URL', 'REDIS_URL'] as const;
  return shared
    .filter((setting) => !parsed[setting])
    .map((setting) => ({ setting, says: 'is required when WORKERS is more than 1' }));
}

/** Returns the names that are not settings, and so have no effect. */
export function unknownNames(names: readonly string[]): string[] {
  return names.filter((name) => !(name in settingsSchema.shape));
}

/** Returns all problems at once, in the order of the settings, so that an operator can fix them in one pass. */
function problemsOf(given: Record<string, unknown>): Problem[] {
  const whole = settingsSchema.safeParse(given);
  if (whole.success) return problemsBetween(whole.data);
  const problems = problemsOfValues(whole.error);
  const wrong = new Set(problems.map(({ setting }) => setting));
  // The other settings are checked as if the wrong ones were not set.
  const rest = settingsSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))),
  );
  const between = rest.success ? problemsBetween(rest.data) : [];
  return [...problems, ...between.filter(({ setting }) => !wrong.has(setting))];
}

/**
 * Reads the environment. Blank values count as missing, so a line `NAME=` in a file means the default.
 * @throws ConfigError naming every wrong setting
 */
export function loadSettings(env: Record<string, string | undefined> = process.env): Settings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const problems = problemsOf(given);
  if (problems.length > 0) throw new ConfigError(problems.map(({ setting, says }) => `${setting}: ${says}`));
  const parsed = settingsSchema.parse(given);
  const isProduction = parsed.NODE_ENV === 'production';
  return {
    ...parsed,
    isProduction,
    HOST: parsed.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
    ALLOW_GUESTS: parsed.ALLOW_GUESTS ?? parsed.REGISTRATION_MODE === 'open',
    DEMO: parsed.DEMO ?? !isProduction,
    GRAPHIQL: parsed.GRAPHIQL ?? !isProduction,
    INTROSPECTION: parsed.INTROSPECTION ?? !isProduction,
  };
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
}
