import { isIP } from 'node:net';
import type { Services } from '../context.ts';
import { refuse } from '../platform/errors.ts';

/** The domain that passkeys belong to, and the pages that may use them. */
export interface RelyingParty {
  readonly id: string;
  isOrigin(origin: string): boolean;
}

type Settings = Pick<Services['settings'], 'PUBLIC_URL' | 'CORS_ORIGINS' | 'isProduction'>;

/** In development, every page of this machine. */
const LOCAL: RelyingParty = {
  id: 'localhost',
  isOrigin: (origin) => /^http:\/\/localhost(?::\d+)?$/.test(origin),
};

/**
 * The domain of PUBLIC_URL, and as origins those of PUBLIC_URL and, of CORS_ORIGINS, those in the domain. Null if browsers offer no
 * passkeys there: without https, and for an address instead of a name.
 */
export function relyingPartyOf({ PUBLIC_URL, CORS_ORIGINS, isProduction }: Settings): RelyingParty | null {
  if (!PUBLIC_URL) return isProduction ? null : LOCAL;
  const { origin, hostname: id } = new URL(PUBLIC_URL);
  if (!isUsable(origin)) return null;
  const origins = new Set([origin, ...CORS_ORIGINS.filter((each) => isUsable(each) && isIn(each, id))]);
  return { id, isOrigin: (each) => origins.has(each) };
}

function isUsable(origin: string): boolean {
  const { protocol, hostname } = new URL(origin);
  if (hostname === 'localhost') return protocol === 'http:' || protocol === 'https:';
  return protocol === 'https:' && isIP(hostname) === 0 && !hostname.startsWith('[');
}

function isIn(origin: string, domain: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

/** @throws PermissionDeniedError on a server without a domain for passkeys */
export function requireRelyingParty({ settings }: Pick<Services, 'settings'>): RelyingParty {
  const party = relyingPartyOf(settings);
  if (!party)
    throw refuse('PERMISSION_DENIED', 'This server offers no passkeys: it needs PUBLIC_URL with https.');
  return party;
}
