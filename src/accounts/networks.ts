import type { Context, Services } from '../context.ts';
import { Lru } from '../platform/lru.ts';
import { memo } from '../platform/memo.ts';
import { networkOf } from '../platform/network-address.ts';
import { DAY_MS } from '../platform/times.ts';
import { type LoginRow, rememberNetwork as store } from './store.ts';
import { networkHashes } from './tokens.ts';

const MAX_NOTED = 10_000;

/** The networks that this node has stored today. Sessions are refreshed often, mostly from the same network. */
const notedToday = memo<Services, Lru<true>>(() => new Lru(MAX_NOTED, MAX_NOTED));

/** Whether the account was used before from the network of this request. */
export function isKnownNetwork(
  { node, ip }: Context,
  { id, knownNetworks }: Pick<LoginRow, 'id' | 'knownNetworks'>,
): boolean {
  const network = networkOf(ip);
  return (
    network !== '' &&
    networkHashes(node, id, network).some((hash) => knownNetworks.includes(hash.toString('hex')))
  );
}

/** Stores the network after a sign-in or a refresh. A failure is logged and does not fail the request. */
export async function rememberNetwork({ node, ip }: Context, userId: number): Promise<void> {
  const network = networkOf(ip);
  if (network === '') return;
  const [hash] = networkHashes(node, userId, network);
  const today = `${hash.toString('hex')} ${Math.floor(Date.now() / DAY_MS)}`;
  if (notedToday(node).get(today)) return;
  try {
    await store(node.db.write, userId, hash);
    notedToday(node).set(today, true, 1);
  } catch (error) {
    node.log.warn({ err: (error as Error).message }, 'a known network could not be stored');
  }
}
