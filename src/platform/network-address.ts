import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Which proxies to believe in `X-Forwarded-For`: none, a number of proxies, or proxies with these addresses. `true` is
 * one.
 */
export type TrustProxy = boolean | number | readonly string[];

/** Common names of networks; config.ts lists them, too. */
const named: Record<string, readonly string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** Returns the canonical spelling of an address: IPv4 with dots, IPv6 as eight groups. Empty for any other text. */
export function canonicalAddress(text: string): string {
  const address = withoutPort(text.trim());
  if (isIPv4(address)) return address;
  return isIPv6(address) ? canonicalIPv6(address) : '';
}

/** Handles `[::1]:80` and `192.0.2.1:80`, as some proxies write them, and `fe80::1%eth0` of the system. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  const address = bracketed ?? (/^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text);
  return address.split('%', 1)[0] as string;
}

function canonicalIPv6(address: string): string {
  const [left = [], right] = address.split('::').map(groupsOf);
  const zeros = right ? Array<number>(8 - left.length - right.length).fill(0) : [];
  const groups = [...left, ...zeros, ...(right ?? [])];
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return isMapped ? dotted(groups) : groups.map((group) => group.toString(16)).join(':');
}

function groupsOf(half: string): number[] {
  return half
    .split(':')
    .filter(Boolean)
    .flatMap((group) => {
      if (!group.includes('.')) return [Number.parseInt(group, 16)];
      const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
      return [a * 256 + b, c * 256 + d];
    });
}

function dotted(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * Returns the key for limits by address: the IPv4 address, or the /64 of an IPv6 address, because a client controls all
 * of it.
 */
export function networkOf(address: string): string {
  const canonical = canonicalAddress(address);
  return canonical.includes(':') ? canonical.split(':', 4).join(':') : canonical;
}

export function isLoopback(address: string): boolean {
  const canonical = canonicalAddress(address);
  return canonical.startsWith('127.') || canonical === '0:0:0:0:0:0:0:1';
}

/** Finds the address of the client behind trusted proxies. */
export class TrustedProxies {
  private readonly hops: number;
  private readonly networks: BlockList | null;

  constructor(trust: TrustProxy) {
    this.networks = typeof trust === 'object' ? blockListOf(trust) : null;
    this.hops = typeof trust === 'object' ? 0 : Number(trust);
  }

  /**
   * Returns the address that the outermost trusted proxy saw. `X-Forwarded-For` is read from the right, where our own
   * proxies wrote. Entries that a client added are further left and are not reached.
   */
  clientOf(peer: string, forwardedFor: string): string {
    const chain = [...forwardedFor.split(','), peer].map(canonicalAddress);
    return this.networks ? this.firstStranger(chain, this.networks) : this.behindHops(chain);
  }

  private behindHops(chain: readonly string[]): string {
    return firstAddress(chain.slice(Math.max(0, chain.length - 1 - this.hops)));
  }

  private firstStranger(chain: readonly string[], networks: BlockList): string {
    let from = chain.length - 1;
    while (from > 0 && chain[from] && isIn(networks, chain[from] as string)) from--;
    return firstAddress(chain.slice(from));
  }
}

/** If a proxy wrote something else than an address, the address of the proxy counts. */
function firstAddress(chain: readonly string[]): string {
  return chain.find((address) => address !== '') ?? '';
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks.flatMap((name) => named[name] ?? [name])) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return list;
}

function isIn(networks: BlockList, address: string): boolean {
  return networks.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
