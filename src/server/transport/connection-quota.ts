import type { Settings } from '../../config.ts';
import type { Close } from './close-codes.ts';

type Needed = Pick<Settings, 'MAX_SOCKETS' | 'MAX_SOCKETS_PER_ADDRESS' | 'ANONYMOUS_SOCKETS_PERCENT'>;

/** A socket whose client has not sent `connection_init` yet. */
export interface PendingSocket {
  /** Null if limits by address do not apply. */
  readonly network: string | null;
  close(...close: Close): void;
}

const MAX_PENDING_PER_ADDRESS = 200;
const TOO_LATE: Close = [4408, 'Connection initialisation timeout'];

/**
 * Counts the connections of each kind on this node. Anonymous ones have a limit, in total and by address; the rest is
 * reserved for signed-in users. A pending socket may become either kind, so it counts as neither and gives way to any
 * other.
 */
export class ConnectionQuota {
  private readonly settings: Needed;
  private readonly admitted: () => number;
  /** By network, the oldest first. */
  private readonly pending = new Map<string | null, Set<PendingSocket>>();
  private pendingCount = 0;
  private readonly anonymous = new Map<string, number>();
  private anonymousCount = 0;

  /** `admitted` counts the connections that are not pending. */
  constructor(settings: Needed, admitted: () => number) {
    this.settings = settings;
    this.admitted = admitted;
  }

  /** Whether one more connection fits. If necessary, it closes a pending one, of the network that has most of them. */
  makeRoom(): boolean {
    if (this.pendingCount + this.admitted() < this.settings.MAX_SOCKETS) return true;
    const largest = [...this.pending.values()].reduce<ReadonlySet<PendingSocket>>(
      (most, set) => (set.size > most.size ? set : most),
      new Set(),
    );
    return this.closeOldest(largest);
  }

  /**
   * Adds a pending socket. If its address has too many, the oldest is closed, because the newest are most likely to
   * continue.
   */
  addPending(socket: PendingSocket): void {
    const ofNetwork = this.pending.get(socket.network) ?? new Set();
    if (socket.network !== null && ofNetwork.size >= MAX_PENDING_PER_ADDRESS) this.closeOldest(ofNetwork);
    this.pending.set(socket.network, ofNetwork.add(socket));
    this.pendingCount++;
  }

  /** Has no effect if the socket is no longer pending. */
  deletePending(socket: PendingSocket): void {
    const ofNetwork = this.pending.get(socket.network);
    if (!ofNetwork?.delete(socket)) return;
    this.pendingCount--;
    if (ofNetwork.size === 0) this.pending.delete(socket.network);
  }

  /** Counts one more anonymous connection. Returns false, and does not count it, if there are too many. */
  addAnonymous(network: string | null): boolean {
    const { MAX_SOCKETS, MAX_SOCKETS_PER_ADDRESS, ANONYMOUS_SOCKETS_PERCENT } = this.settings;
    if (this.anonymousCount >= Math.ceil((MAX_SOCKETS * ANONYMOUS_SOCKETS_PERCENT) / 100)) return false;
    const count = network === null ? 0 : (this.anonymous.get(network) ?? 0);
    if (count >= MAX_SOCKETS_PER_ADDRESS) return false;
    if (network !== null) this.anonymous.set(network, count + 1);
    this.anonymousCount++;
    return true;
  }

  deleteAnonymous(network: string | null): void {
    this.anonymousCount--;
    if (network === null) return;
    const count = (this.anonymous.get(network) ?? 0) - 1;
    if (count > 0) this.anonymous.set(network, count);
    else this.anonymous.delete(network);
  }

  private closeOldest(sockets: ReadonlySet<PendingSocket>): boolean {
    const [oldest] = sockets;
    if (!oldest) return false;
    this.deletePending(oldest);
    oldest.close(...TOO_LATE);
    return true;
  }
}
