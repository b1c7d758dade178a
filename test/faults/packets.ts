import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Link } from './proxy.ts';

/** Loses packets of a link in both directions, without notice to either end. */
export interface PacketLoss {
  /** How it is done, for the report. */
  readonly how: string;
  /** The share of packets to lose, up to 1. Returns false if it is not possible. */
  lose(link: Link, share: number): boolean;
  heal(): void;
}

/** Set for a run inside its own network namespace. */
const INSIDE = 'FAULTS_NETWORK_NAMESPACE';

/** The kernel drops packets if the run has its own network; otherwise the proxies discard bytes. */
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
 * Runs this program again in its own network namespace, where rules for packets affect nothing else. Resolves with its
 * exit code; with null if that is impossible, or already done.
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
