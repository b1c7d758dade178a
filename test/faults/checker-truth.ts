import type { Lineage } from './checker-lineage.ts';
import { type Posts, postName } from './checker-posts.ts';
import type { Run, SeenEvent, SeenText, Streams } from './checker-streams.ts';
import type { EndEntry, TruthEntry, TruthEvent } from './history.ts';
import type { Blame } from './verdict.ts';

interface Interval {
  readonly from: number;
  to: number;
}

/** What was really written, held against what senders and subscribers saw: I1, I2, I3, I5 to I8, I10, I11. */
export class Truth {
  isJudged = false;
  private readonly rooms = new Map<number, readonly TruthEvent[]>();
  private readonly blame: Blame;
  private readonly posts: Posts;
  private readonly streams: Streams;
  private readonly lineage: Lineage;
  /** Of first versions, by message: what observers of the present data saw. */
  private readonly firstTexts = new Map<string, string>();

  constructor(blame: Blame, posts: Posts, streams: Streams, lineage: Lineage) {
    this.blame = blame;
    this.posts = posts;
    this.streams = streams;
    this.lineage = lineage;
  }

  add(entry: TruthEntry): void {
    if (entry.source === 'client') return this.compareClient(entry);
    this.rooms.set(entry.room, entry.events);
    const gap = entry.events.findIndex(({ seq }, i) => seq !== i + 1);
    if (gap >= 0)
      this.blame(
        'I3',
        entry,
        `the log of room ${entry.room} has ${entry.events[gap]?.seq} in place of ${gap + 1}`,
        {
          room: entry.room,
        },
      );
  }

  /** Returns the posts in the logs, by name. */
  judge(entry: EndEntry): ReadonlyMap<string, number> {
    this.isJudged = true;
    for (const text of this.streams.texts.values())
      if (text.version === 1 && this.isPresent(text)) this.firstTexts.set(text.id, text.hash);
    const stored = this.storedPosts(entry);
    this.judgeSenders(entry, stored);
    this.judgeObservers(entry);
    this.judgeMembership();
    this.judgeLive(entry);
    return stored;
  }

  /** What a fresh client reads is what is there. */
  private compareClient(entry: TruthEntry): void {
    const rows = this.rooms.get(entry.room) ?? [];
    const differs = entry.events.findIndex(
      ({ seq, kind }, i) => rows[i]?.seq !== seq || rows[i]?.kind !== kind,
    );
    if (differs >= 0 || rows.length !== entry.events.length)
      this.blame(
        'I6',
        entry,
        `a fresh client reads another log of room ${entry.room}, from ${differs + 1} on`,
        {
          room: entry.room,
        },
      );
  }

  private storedPosts(entry: EndEntry): Map<string, number> {
    const stored = new Map<string, number>();
    for (const [room, events] of this.rooms) {
      for (const event of events) {
        if (event.kind !== 'MessageCreated' || event.key === undefined) continue;
        const name = postName(room, event.user ?? 0, event.key);
        if (stored.has(name))
          this.blame('I1', entry, `${name} is stored twice: ${stored.get(name)}, ${event.seq}`, { room });
        stored.set(name, event.seq);
        this.judgeOrigin(entry, room, name, event);
      }
    }
    return stored;
  }

  private judgeOrigin(entry: EndEntry, room: number, name: string, { seq }: TruthEvent): void {
    const post = this.posts.all.get(name);
    if (!post) return this.blame('I2', entry, `${name} is stored as ${seq}, but nobody sent it`, { room });
    if (post.hasFailed) this.blame('I2', entry, `${name} is stored as ${seq}, but was refused`, { room });
    if (seq <= post.floor)
      this.blame(
        'I10',
        { t: post.invokedAt },
        `${name} is ${seq}, though ${post.floor} was acknowledged before`,
        { room },
      );
    const text = this.firstTexts.get(messageId(room, seq));
    if (text !== undefined && text !== post.hash)
      this.blame('I6', entry, `${name} was delivered with another text than it was sent with`, { room });
  }

  private judgeSenders(entry: EndEntry, stored: ReadonlyMap<string, number>): void {
    for (const [name, { seq, invokedAt }] of this.posts.all) {
      if (seq === null || stored.get(name) === seq) continue;
      const room = Number(name.split('/')[0]);
      if (!this.rooms.has(room)) continue;
      this.blame(
        'I1',
        { t: invokedAt },
        `${name} was acknowledged as ${seq}; stored: ${stored.get(name) ?? 'nothing'}`,
        {
          room,
        },
      );
    }
    if (this.rooms.size === 0) this.blame('I1', entry, 'the truth was not read');
  }

  /** Whether the present data have the event of that number as the data of that epoch had it. */
  private isPresent({ epoch, room, seq }: { epoch: number; room: number; seq: number }): boolean {
    return seq <= this.lineage.sharedHead(epoch, room);
  }

  /** Nothing was delivered that is not in the log, but for what a branch took back. */
  private judgeObservers(entry: EndEntry): void {
    for (const seen of this.streams.events.values()) if (this.isPresent(seen)) this.judgeEvent(seen);
    for (const text of this.streams.texts.values()) if (this.isPresent(text)) this.judgeText(entry, text);
  }

  private judgeEvent({ room, seq, kind, id, t }: SeenEvent): void {
    const name = `${room}.${seq}`;
    const event = this.rooms.get(room)?.[seq - 1];
    const isSame = event?.kind === kind || kind === 'EventUnavailable';
    if (!isSame)
      this.blame('I2', { t }, `${name} was delivered as ${kind}; stored: ${event?.kind ?? 'nothing'}`, {
        room,
      });
    else if (kind === 'MessageCreated' && id !== messageId(room, seq))
      this.blame('I6', { t }, `${name} was delivered as another message`, { room });
  }

  private judgeText(entry: EndEntry, { room, id, version, hash }: SeenText): void {
    if (version === 1) return; // held against its post
    const seq = Number(id.split('_')[2]);
    if (!this.posts.edits.get(`${room}.${seq}`)?.has(hash))
      this.blame('I6', entry, `message ${room}.${seq} was delivered with a text that nobody gave it`, {
        room,
      });
  }

  private judgeMembership(): void {
    const intervals = new Map<number, Map<number, Interval[]>>();
    for (const [room, events] of this.rooms) intervals.set(room, membershipsIn(events));
    for (const one of this.streams.runs) {
      if (!this.isPresent({ ...one, seq: one.low })) continue;
      const run = { ...one, high: Math.min(one.high, this.lineage.sharedHead(one.epoch, one.room)) };
      const own = intervals.get(run.room)?.get(run.user) ?? [];
      if (own.some(({ from, to }) => from <= run.low && run.high <= to)) continue;
      this.blame(run.low > (own[0]?.from ?? Infinity) ? 'I8' : 'I7', run, outside(run, own), {
        client: run.client,
        room: run.room,
      });
    }
  }

  private judgeLive(entry: EndEntry): void {
    for (const name of entry.live) {
      const client = this.streams.clients.get(name);
      if (!client) continue;
      if (this.lineage.isOver(client.epoch, entry.t))
        this.blame('I5', entry, `${name} is still in epoch ${client.epoch}, which is over`, { client: name });
      if (client.start.stream === 'inbox') this.judgeRooms(entry, name, client.start.user, client.rooms);
      for (const [room, { last, floor, ceiling }] of client.rooms) {
        const head = this.rooms.get(room)?.length ?? 0;
        const reached = last ?? Math.max(floor, ceiling - 1);
        if (reached >= head) continue;
        this.blame('I11', entry, `${name} stands at ${reached} of room ${room}, whose head is ${head}`, {
          client: name,
          room,
        });
      }
    }
  }

  /** An inbox follows every room of its holder. */
  private judgeRooms(
    entry: EndEntry,
    client: string,
    user: number,
    followed: ReadonlyMap<number, unknown>,
  ): void {
    for (const [room, events] of this.rooms) {
      const isMember = membershipsIn(events).get(user)?.at(-1)?.to === Number.POSITIVE_INFINITY;
      if (isMember && !followed.has(room))
        this.blame('I5', entry, `${client} does not follow room ${room}, of which it is a member`, {
          client,
          room,
        });
    }
  }
}

const messageId = (room: number, seq: number) => `msg_${room}_${seq}`;

const outside = ({ user, room, low, high }: Run, own: readonly Interval[]) =>
  `user ${user} got ${low}..${high} of room ${room}, but was a member ${
    own.map(({ from, to }) => `${from}..${to}`).join(', ') || 'never'
  }`;

/** From the own joining to the own departure, both included; who made the room has seen that, too. */
function membershipsIn(events: readonly TruthEvent[]): Map<number, Interval[]> {
  const all = new Map<number, Interval[]>();
  for (const { seq, kind, subject = 0 } of events) {
    if (kind === 'MemberJoined')
      all.set(subject, [
        ...(all.get(subject) ?? []),
        { from: seq === 2 ? 1 : seq, to: Number.POSITIVE_INFINITY },
      ]);
    const current = all.get(subject)?.at(-1);
    if (kind === 'MemberLeft' && current) current.to = seq;
  }
  return all;
}
