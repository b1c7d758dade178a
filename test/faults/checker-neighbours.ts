import { postName } from './checker-posts.ts';
import type { ChangeEntry, FaultEntry, PostEntry } from './history.ts';
import type { Blame, NeighbourFigures } from './verdict.ts';

/** A lock of one room may hold a call into another one up for so long. The nodes wait two seconds for a lock. */
const NEIGHBOUR_MS = 1_500;
/** Its calls have to be answered, too: with UNAVAILABLE before the client gives up. */
const NO_ANSWER = new Set(['NETWORK', 'ABORT_ERR', 'ETIMEDOUT']);
/** Slow for another reason. */
const CONFOUNDING = new Set(['client slow']);

/** I14: a locked room does not affect other rooms. */
export class Neighbours {
  private readonly blame: Blame;
  private locked: number | null = null;
  private confounders = 0;
  private readonly begun = new Map<string, number>();
  private readonly figures = { calls: 0, late: 0, maxMs: 0, boundMs: NEIGHBOUR_MS, unanswered: 0 };

  constructor(blame: Blame) {
    this.blame = blame;
  }

  fault({ kind, phase, room }: FaultEntry): void {
    if (CONFOUNDING.has(kind)) this.confounders += phase === 'begin' ? 1 : -1;
    if (kind === 'head lock held') this.locked = phase === 'begin' ? (room ?? null) : null;
  }

  post(entry: PostEntry): void {
    this.call(postName(entry.room, entry.user, entry.key), entry);
  }

  change(entry: ChangeEntry): void {
    if (['edit', 'delete', 'attach'].includes(entry.f)) this.call(`${entry.f} ${entry.op}`, entry);
  }

  verdict(): NeighbourFigures {
    return this.figures;
  }

  private call(name: string, entry: PostEntry | ChangeEntry): void {
    if (entry.type === 'invoke') this.begin(name, entry);
    else if (entry.type === 'info') this.unanswered(name, entry);
    else this.end(name, entry);
  }

  private begin(name: string, { room, t }: PostEntry | ChangeEntry): void {
    if (this.locked !== null && room !== this.locked && this.confounders === 0) this.begun.set(name, t);
  }

  private unanswered(name: string, entry: PostEntry | ChangeEntry): void {
    if (entry.room !== this.locked || !NO_ANSWER.has(entry.code ?? '')) return;
    this.figures.unanswered++;
    this.blame('I14', entry, `${name} got no answer while its room was locked`, { room: this.locked });
  }

  private end(name: string, entry: PostEntry | ChangeEntry): void {
    const since = this.begun.get(name);
    if (since === undefined) return;
    this.begun.delete(name);
    const ms = entry.t - since;
    this.figures.calls++;
    this.figures.maxMs = Math.max(this.figures.maxMs, Math.round(ms));
    if (ms <= NEIGHBOUR_MS) return;
    this.figures.late++;
    const says = `${name} took ${Math.round(ms)} ms while another room was locked`;
    this.blame('I14', entry, says, { room: entry.room ?? 0 });
  }
}
