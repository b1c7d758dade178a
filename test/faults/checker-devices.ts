import type { Lineage } from './checker-lineage.ts';
import { type Posts, postName } from './checker-posts.ts';
import type { AcceptedEntry, EndEntry, MisfitEntry, StoreEntry } from './history.ts';
import type { Blame, StoreFigures } from './verdict.ts';

/** The SDK's clients: I16, I17 and I18. */
export class Devices {
  private readonly blame: Blame;
  private readonly posts: Posts;
  private readonly lineage: Lineage;
  private readonly accepted: AcceptedEntry[] = [];
  private readonly stores = new Map<string, StoreEntry>();

  constructor(blame: Blame, posts: Posts, lineage: Lineage) {
    this.blame = blame;
    this.posts = posts;
    this.lineage = lineage;
  }

  accept(entry: AcceptedEntry): void {
    this.accepted.push(entry);
  }

  misfit(entry: MisfitEntry): void {
    this.blame('I17', entry, `${entry.client} met a ${entry.kind}: ${entry.says}`, { client: entry.client });
  }

  compared(entry: StoreEntry): void {
    const { client } = entry;
    this.stores.set(client, entry);
    for (const difference of entry.differences)
      this.blame('I16', entry, `the store of ${client} is no fresh snapshot: ${difference}`, { client });
    if (this.lineage.isOver(entry.epoch, entry.t))
      this.blame('I16', entry, `the position of ${client} is of epoch ${entry.epoch}, which is over`, {
        client,
      });
  }

  /** `stored`: the posts in the logs, by name. */
  judge(end: EndEntry, stored: ReadonlyMap<string, number>): void {
    for (const client of end.devices ?? [])
      if (!this.stores.has(client))
        this.blame('I16', end, `the store of ${client} was not compared with a fresh snapshot`, { client });
    for (const entry of this.accepted) this.judgeAccepted(entry, stored);
  }

  get figures(): StoreFigures {
    const all = [...this.stores.values()];
    const sum = (count: (entry: StoreEntry) => number) =>
      all.reduce((total, entry) => total + count(entry), 0);
    return {
      clients: all.length,
      rooms: sum(({ rooms }) => rooms),
      members: sum(({ members }) => members),
      messages: sum(({ messages }) => messages),
      accepted: this.accepted.length,
      failed: sum(({ failed }) => failed.length),
    };
  }

  private judgeAccepted(entry: AcceptedEntry, stored: ReadonlyMap<string, number>): void {
    const { client, room, user, key } = entry;
    const store = this.stores.get(client);
    if (!store) return; // its session has ended: nothing is sent any more
    const name = postName(room, user, key);
    const [isStored, hasFailed] = [stored.has(name), store.failed.includes(key)];
    if (isStored && hasFailed)
      this.blame('I16', entry, `${name} is stored, and failed in the outbox`, { client, room });
    if (isStored || hasFailed || this.mayBeTakenBack(entry, name)) return;
    this.blame('I18', entry, `${client} accepted ${name}, which is neither stored nor in its outbox`, {
      client,
      room,
    });
  }

  /** Where the client was told by the event alone, nobody knows the number that was taken back. */
  private mayBeTakenBack({ room, t }: AcceptedEntry, name: string): boolean {
    return this.posts.all.get(name)?.seq === null && this.lineage.mayHaveLost(room, t);
  }
}
