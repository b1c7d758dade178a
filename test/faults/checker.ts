import { Access } from './checker-access.ts';
import { Devices } from './checker-devices.ts';
import { Lineage } from './checker-lineage.ts';
import { Neighbours } from './checker-neighbours.ts';
import { Posts } from './checker-posts.ts';
import { Streams } from './checker-streams.ts';
import { Truth } from './checker-truth.ts';
import type { BranchEntry, CountedEntry, Entry } from './history.ts';
import type { Blame, Verdict, Violation } from './verdict.ts';

/**
 * What a history proves. Pure: the same history always gets the same verdict, long after the run. Entries are taken
 * one by one, so a history of hours need not fit into memory.
 */
export function check(history: Iterable<Entry>): Verdict {
  const checker = new Checker();
  for (const entry of history) checker.take(entry);
  return checker.finish();
}

class Checker {
  private readonly violations: Violation[] = [];
  private readonly blame: Blame = (invariant, { t }, says, about = {}) =>
    this.violations.push({ invariant, says, t, ...about });
  private readonly lineage = new Lineage();
  private readonly posts = new Posts(this.blame, this.lineage);
  private readonly access = new Access(this.blame, this.lineage);
  private readonly streams = new Streams(this.blame, this.access, this.lineage);
  private readonly truth = new Truth(this.blame, this.posts, this.streams, this.lineage);
  private readonly devices = new Devices(this.blame, this.posts, this.lineage);
  private readonly neighbours = new Neighbours(this.blame);

  take(entry: Entry): void {
    switch (entry.f) {
      case 'post':
        this.neighbours.post(entry);
        return this.posts.post(entry);
      case 'conflict':
        return this.posts.conflict(entry);
      case 'edit':
      case 'delete':
      case 'attach':
        this.neighbours.change(entry);
        return this.posts.edit(entry);
      case 'join':
      case 'leave':
      case 'kick':
      case 'revoke':
        return this.access.change(entry);
      case 'fault':
        this.neighbours.fault(entry);
        return this.access.fault(entry);
      case 'branch':
        return this.branch(entry);
      case 'counted':
        return this.compareCounts(entry);
      case 'accepted':
        return this.devices.accept(entry);
      case 'misfit':
        return this.devices.misfit(entry);
      case 'store':
        return this.devices.compared(entry);
      case 'internal':
        return this.blame('I13', entry, entry.what);
      case 'sub_start':
      case 'recv':
      case 'account':
      case 'ready':
      case 'resync':
      case 'sub_end':
      case 'closed':
        return this.streams.take(entry);
      case 'expect':
        if (entry.type === 'fail') this.blame('I11', entry, `${entry.what}: not within ${entry.ms} ms`);
        return undefined;
      case 'audit':
        if (!entry.ok) this.blame('I19', entry, entry.what);
        return undefined;
      case 'hygiene':
        if (!entry.ok) this.blame('I12', entry, entry.what);
        return undefined;
      case 'truth':
        return this.truth.add(entry);
      case 'end':
        return this.devices.judge(entry, this.truth.judge(entry));
    }
  }

  /** I15: each event took effect once, whatever happened to the nodes that counted. */
  private compareCounts(entry: CountedEntry): void {
    const { kind, counted, stored } = entry;
    if (counted !== stored) this.blame('I15', entry, `${counted} of ${stored} events ${kind} were counted`);
  }

  private branch(entry: BranchEntry): void {
    this.lineage.take(entry);
    if (entry.phase === 'settled' || !entry.heads) return;
    this.posts.takeBack(entry.heads);
    this.access.takeBack(entry.heads);
  }

  finish(): Verdict {
    if (!this.truth.isJudged)
      this.blame('I11', { t: 0 }, 'the run did not get to its end, so nothing was compared with the truth');
    return {
      violations: this.violations,
      posts: this.posts.acknowledged,
      deliveries: this.streams.deliveries,
      resyncs: this.streams.resyncs,
      takenBack: this.posts.takenBack,
      lockedNeighbours: this.neighbours.verdict(),
      stores: this.devices.figures,
    };
  }
}
