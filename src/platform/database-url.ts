import type { ClientConfig } from 'pg';

/**
 * The parts of a `postgresql://` URL, as every connection of ours wants them. With `sslmode` require or
 * higher the connection is encrypted; only verify-ca and verify-full also check who is on the other end.
 */
export function parseDatabaseUrl(url: string): ClientConfig {
  const parsed = new URL(url);
  const ssl = parsed.searchParams.get('sslmode');
  return {
    host: decodeURIComponent(parsed.hostname),
    port: Number(parsed.port || 5432),
    user: decodeURIComponent(parsed.username || 'postgres'),
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(parsed.pathname.slice(1) || 'postgres'),
    ...(ssl &&
      ssl !== 'disable' && { ssl: { rejectUnauthorized: ssl === 'verify-full' || ssl === 'verify-ca' } }),
  };
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${encodeURIComponent(database)}`;
  return parsed.href;
}
