import type { Lineage } from './checker-lineage.ts';
import type { ChangeEntry, ConflictEntry, PostEntry } from './history.ts';
import type { Blame } from './verdict.ts';

export interface PostState {
  readonly hash: string;
  /** The highest number acknowledged in its room before it was invoked. */
  floor: number;
  readonly invokedAt: number;
  seq: number | null;
  id: string | null;
  hasFailed: boolean;
}

export const postName = (room: number, user: number, key: string) => `${room}/${user}/${key}`;

/** Posts as their senders know them: I9, I10, and what I1 and I2 need in the end. */
export class Posts {
  readonly all = new Map<string, PostState>();
  /** Texts that a message may have got by an edit. */
  readonly edits = new Map<string, Set<string>>();
  acknowledged = 0;
  /** Acknowledged, and taken back by a branch. */
  takenBack = 0;
  private readonly blame: Blame;
  private readonly lineage: Lineage;
  private readonly heads = new Map<number, number>();

  constructor(blame: Blame, lineage: Lineage) {
    this.blame = blame;
    this.lineage = lineage;
  }

  /** A branch: posts acknowledged after these heads were not stored, and may be posted again. */
  takeBack(heads: Readonly<Record<string, number>>): void {
    for (const [name, post] of this.all) {
      const head = heads[name.split('/')[0] ?? ''] ?? Number.POSITIVE_INFINITY;
      post.floor = Math.min(post.floor, head);
      if (post.seq === null || post.seq <= head) continue;
      this.takenBack++;
      post.seq = null;
      post.id = null;
    }
    for (const [room, head] of this.heads) this.heads.set(room, Math.min(head, heads[room] ?? head));
  }

  post(entry: PostEntry): void {
    const name = postName(entry.room, entry.user, entry.key);
    const known = this.all.get(name);
    if (entry.type === 'invoke') this.invoke(name, entry);
    else if (entry.type === 'ok') this.ok(name, entry, known);
    else if (entry.type === 'fail') this.fail(name, entry, known);
  }

  conflict(entry: ConflictEntry): void {
    if (entry.type === 'ok')
      this.blame('I9', entry, `key ${entry.key} was accepted again with another text`, { room: entry.room });
  }

  edit({ type, room, target, hash }: ChangeEntry): void {
    if (type !== 'invoke' || !hash) return;
    const name = `${room}.${target}`;
    const texts = this.edits.get(name) ?? new Set();
    this.edits.set(name, texts.add(hash));
  }

  private invoke(name: string, { room, hash = '', t }: PostEntry): void {
    const floor = this.heads.get(room) ?? 0;
    if (!this.all.has(name))
      this.all.set(name, { hash, floor, invokedAt: t, seq: null, id: null, hasFailed: false });
  }

  private ok(name: string, entry: PostEntry, known: PostState | undefined): void {
    const { room, seq = 0, id = '', sentAt = entry.t } = entry;
    if (known && this.lineage.mayBeTakenBack(room, seq, sentAt)) return;
    if (!known) return this.blame('I9', entry, `${name} was acknowledged but never sent`, { room });
    if (known.seq !== null && (known.seq !== seq || known.id !== id))
      this.blame('I9', entry, `${name} was acknowledged as ${known.seq} and as ${seq}`, { room });
    if (known.seq !== null) return;
    this.acknowledged++;
    known.seq = seq;
    known.id = id;
    if (seq <= known.floor)
      this.blame(
        'I10',
        entry,
        `${name} got ${seq}, though ${known.floor} was acknowledged before it was sent`,
        {
          room,
        },
      );
    this.heads.set(room, Math.max(seq, this.heads.get(room) ?? 0));
  }

  private fail(name: string, entry: PostEntry, known: PostState | undefined): void {
    if (known) known.hasFailed = true;
    if (entry.code === 'IDEMPOTENCY_CONFLICT')
      this.blame('I9', entry, `${name} was refused as a conflict, but was never used for anything else`, {
        room: entry.room,
      });
  }
}
