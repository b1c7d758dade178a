import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Link } from './proxy.ts';

/** Loses what is sent over a link, both ways, and tells neither end. */
export interface PacketLoss {
  /** How it is done, for the report. */
  readonly how: string;
  /** The share of packets to lose, up to 1. False where it cannot be done. */
  lose(link: Link, share: number): boolean;
  heal(): void;
}

/** Set for the run inside a network namespace of its own. */
const INSIDE = 'FAULTS_NETWORK_NAMESPACE';

/** The kernel drops packets where the run has a network of its own; otherwise the proxies swallow bytes. */
export function packetLoss(): PacketLoss {
  return process.env[INSIDE] ? new KernelLoss() : new ProxyLoss();
}

class KernelLoss implements PacketLoss {
  readonly how = 'nftables drops packets in a network namespace';

  constructor() {
    nft('add table inet faults; add chain inet faults input { type filter hook input priority 0; }');
  }

  lose({ port }: Link, share: number): boolean {
    const some = share < 1 ? `numgen random mod 100 < ${Math.round(share * 100)} ` : '';
    for (const side of ['dport', 'sport']) nft(`add rule inet faults input tcp ${side} ${port} ${some}drop`);
    return true;
  }

  heal(): void {
    nft('flush chain inet faults input');
  }
}

function nft(rules: string): void {
  const { status, stderr } = spawnSync('nft', [rules], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`nft ${rules}: ${stderr}`);
}

/** Bytes that are swallowed never come again, so the connection stays dead: harsher than loss on a network. */
class ProxyLoss implements PacketLoss {
  readonly how = 'proxies swallow bytes';
  private readonly links = new Set<Link>();

  lose(link: Link, share: number): boolean {
    if (share < 1) return false;
    this.links.add(link);
    link.swallow();
    return true;
  }

  heal(): void {
    for (const link of this.links) link.heal();
    this.links.clear();
  }
}

/**
 * Runs this program again in a network namespace of its own, where rules for packets concern nobody else.
 * Resolves with its exit code; with null where that cannot be done, or is done already.
 */
export async function rerunInNamespace(): Promise<number | null> {
  if (process.env[INSIDE] || !canIsolate()) return null;
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...command], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 130;
}

function canIsolate(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  if (!isThere('nft') && existsSync('/usr/bin/apt-get'))
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'nftables'], { stdio: 'ignore' });
  const attempt = 'ip link set lo up && nft add table inet faults';
  return spawnSync('unshare', ['--net', 'sh', '-c', attempt], { stdio: 'ignore' }).status === 0;
}

const isThere = (program: string) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
