import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The way from a node to a server, which a test may take away. */
export interface Link {
  /** The URL of the server, by this way. */
  readonly url: string;
  /** Stops all data without notice: a cut cable, a dropped rule of a firewall. */
  silence(): void;
  /** New connections work again. Silenced ones stay silent: their packets are lost. */
  restore(): void;
  /**
   * The server hears everything, but its answers wait until the returned function is called. `onNew`: also on connections that are
   * opened meanwhile, until all are cut.
   */
  holdAnswers(options?: { onNew: boolean }): () => void;
  /** New connections go to another server, as after a failover. Open ones stay, unless they are cut. */
  lead(serverUrl: string): void;
  /** Ends all connections. */
  cut(): void;
  close(): void;
}

export async function openLink(serverUrl: string): Promise<Link> {
  let server = new URL(serverUrl);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isSilent = false;
  /** Connections whose answers wait, where new ones join them. */
  let joined: (readonly [Socket, Socket])[] | null = null;
  const cut = () => {
    joined = null;
    for (const pair of pairs) for (const end of pair) end.destroy();
  };
  const mute = (pair: readonly [Socket, Socket]) => {
    for (const end of pair) end.unpipe().pause();
  };
  const listener = createServer((near) => {
    const far = connect(Number(server.port), server.hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [end, other] of [pair, [far, near] as const]) {
      end.on('error', () => undefined);
      end.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
    near.pipe(far);
    if (joined) joined.push(pair);
    else far.pipe(near);
    if (isSilent) mute(pair);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    silence() {
      isSilent = true;
      for (const pair of pairs) mute(pair);
    },
    restore() {
      isSilent = false;
    },
    holdAnswers({ onNew } = { onNew: false }) {
      const held = [...pairs];
      if (onNew) joined = held;
      for (const [near, far] of held) far.unpipe(near).pause();
      return () => {
        joined = null;
        for (const [near, far] of held) far.pipe(near);
      };
    },
    lead(otherUrl) {
      server = new URL(otherUrl);
    },
    cut,
    close() {
      listener.close();
      cut();
    },
  };
}
