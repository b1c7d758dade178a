import type { BranchEntry } from './history.ts';

interface Branch {
  readonly beganAt: number;
  /** From then on every node has to know; infinite until the run says so. */
  settledAt: number;
  readonly heads: Readonly<Record<string, number>>;
}

/**
 * Which data an epoch names. At a branch the data go on from other heads than clients may have seen: after a restore,
 * after the promotion of a standby, or, with the same heads, after a rotation of the epoch.
 */
export class Lineage {
  private readonly branches: Branch[] = [];
  /** By epoch: how many branches came before it was first seen. */
  private readonly generations = new Map<number, number>();

  take({ phase, t, heads = {} }: BranchEntry): void {
    if (phase === 'begin') this.branches.push({ beganAt: t, settledAt: Number.POSITIVE_INFINITY, heads });
    else for (const branch of this.branches) branch.settledAt = Math.min(branch.settledAt, t);
  }

  see(epoch: number): void {
    if (!this.generations.has(epoch)) this.generations.set(epoch, this.branches.length);
  }

  /** The last number of a room that the present data share with the data of an epoch. */
  sharedHead(epoch: number, room: number): number {
    const since = this.branches.slice(this.generations.get(epoch) ?? 0);
    return Math.min(...since.map(({ heads }) => heads[room] ?? Number.POSITIVE_INFINITY));
  }

  /** Whether the data went on in another epoch, and every node had to know it before `t`. */
  isOver(epoch: number, t: number): boolean {
    const next = this.branches[this.generations.get(epoch) ?? this.branches.length];
    return next !== undefined && next.settledAt < t;
  }

  /** Whether the answer to a request of that time may tell of an event that a branch took back. */
  mayBeTakenBack(room: number, seq: number, sentAt: number): boolean {
    return this.branches.some(
      ({ beganAt, heads }) => sentAt < beganAt && seq > (heads[room] ?? Number.POSITIVE_INFINITY),
    );
  }

  /** Whether a branch after that time may have taken back events of a room. */
  mayHaveLost(room: number, since: number): boolean {
    return this.branches.some(({ beganAt, heads }) => beganAt >= since && heads[room] !== undefined);
  }

  /** Whether a branch gave a reason for ResyncRequired lately. */
  hasBranchedSince(t: number): boolean {
    return this.branches.some(({ beganAt }) => beganAt >= t);
  }
}
