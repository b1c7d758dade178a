import type { ClientConfig } from 'pg';

/**
 * Parses a `postgresql://` URL into the options of our connections. With `sslmode` require or higher the connection is
 * encrypted; only verify-ca and verify-full also check the certificate of the server.
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

/** Returns the URL of another database on the same server. */
export function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${encodeURIComponent(database)}`;
  return parsed.href;
}
