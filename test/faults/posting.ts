import { setTimeout as delay } from 'node:timers/promises';
import { numberIn } from '../harness/ids.ts';
import { type Attempt, attempt, hashOf, roomIdOf } from './api.ts';
import type { Place } from './cluster.ts';
import type { Random } from './random.ts';
import { anyPlace, type Person, type World } from './world.ts';

/** A message that was acknowledged. */
export interface Posted {
  readonly room: number;
  readonly seq: number;
  readonly id: string;
  readonly key: string;
  readonly text: string;
  readonly author: Person;
}

const REPEATED = 0.1;
const AT_TWO_NODES = 0.03;
const CONFLICTING = 0.02;
const SHARED_KEY = 0.03;
const MAX_IN_FLIGHT = 200;
const RECENT = 60;

/** Those who write. Each sends with one key until it knows what became of the message, mostly through another node. */
export class Posting {
  /** Unanswered so far. */
  inFlight = 0;
  readonly recent: Posted[] = [];
  /** The highest number acknowledged, by room. */
  readonly heads = new Map<number, number>();
  private readonly world: World;
  private readonly authors: readonly Person[];
  private readonly random: Random;
  private count = 0;
  /** The last branch of the data: what was acknowledged beyond its heads before it is gone. */
  private branch: { readonly at: number; readonly heads: ReadonlyMap<number, number> } | null = null;

  constructor(world: World, authors: readonly Person[]) {
    this.world = world;
    this.authors = authors;
    this.random = world.random.fork();
  }

  /** The data go on from these heads. */
  goOnFrom(heads: ReadonlyMap<number, number>, at: number): void {
    this.branch = { at, heads };
    for (const [room, head] of this.heads) this.heads.set(room, Math.min(head, heads.get(room) ?? 0));
    const kept = this.recent.filter(({ room, seq }) => seq <= (heads.get(room) ?? 0));
    this.recent.splice(0, this.recent.length, ...kept);
  }

  /** Something was posted and acknowledged elsewhere. Only what quotes nothing can be repeated here. */
  learn(posted: Posted, sentAt: number, isQuoting: boolean): void {
    if (this.isGone(posted.room, posted.seq, sentAt)) return;
    if (isQuoting) this.raiseHead(posted);
    else this.remember(posted);
  }

  private isGone(room: number, seq: number, sentAt: number): boolean {
    return this.branch !== null && sentAt < this.branch.at && seq > (this.branch.heads.get(room) ?? 0);
  }

  /** Posts at that rate until the run ends. */
  async keepPosting(perSecond: number): Promise<void> {
    const rooms = this.world.rooms.filter(({ isQuiet }) => !isQuiet);
    const weighted = rooms.flatMap((room) => Array.from({ length: room.weight }, () => room));
    while (!this.world.isEnding) {
      await delay(this.random.between(500, 1_500) / perSecond);
      if (this.inFlight >= MAX_IN_FLIGHT) continue;
      void this.say(this.random.pick(weighted).id);
    }
  }

  /** One message by anybody, and what people do by mistake: send twice, or something else with the same key. */
  async say(room: number, author: Person = this.random.pick(this.authors)): Promise<Posted | null> {
    const key = `k${++this.count}`;
    const mood = this.random.next();
    const way = mood < AT_TWO_NODES ? 'twice' : 'perhaps again';
    const first = this.send(room, author, key, way);
    if (mood > 1 - SHARED_KEY) void this.send(room, this.other(author), key, 'once');
    const posted = await first;
    if (posted && mood > 0.5 && mood < 0.5 + CONFLICTING) void this.contradict(posted);
    return posted;
  }

  /** One message and nothing else, through that node. */
  sayQuietly(room: number, place: Place): Promise<Posted | null> {
    return this.send(room, this.random.pick(this.authors), `k${++this.count}`, 'once', place);
  }

  /** Several at once through one node, a known key among them: a batch in which not all are stored. */
  async burst(room: number, place: Place): Promise<void> {
    const known = this.recent.findLast((posted) => posted.room === room);
    const fresh = () => this.send(room, this.random.pick(this.authors), `k${++this.count}`, 'once', place);
    const again = known ? [this.repeat(known, place)] : [];
    await Promise.all([fresh(), fresh(), ...again, fresh(), fresh()]);
  }

  private other(author: Person): Person {
    return this.random.pick(this.authors.filter((one) => one !== author));
  }

  private async send(
    room: number,
    author: Person,
    key: string,
    way: 'once' | 'twice' | 'perhaps again',
    place?: Place,
  ): Promise<Posted | null> {
    const text = `r${room}: ${author.user} ${key} ${'x'.repeat(this.random.below(120))}`;
    const facts = { f: 'post', room, user: author.user, key, hash: hashOf(text) } as const;
    this.inFlight++;
    this.world.history.add({ ...facts, type: 'invoke' });
    try {
      const first = this.untilKnown(facts, author, text, place);
      // At two nodes at the same instant.
      if (way === 'twice')
        await this.untilKnown(facts, author, text, anyPlace(this.world, this.random, place));
      const posted = await first;
      if (posted) this.remember(posted);
      if (posted && way === 'perhaps again' && this.random.chance(REPEATED)) void this.repeat(posted);
      return posted;
    } finally {
      this.inFlight--;
    }
  }

  private async untilKnown(
    facts: { f: 'post'; room: number; user: number; key: string; hash: string },
    author: Person,
    text: string,
    first?: Place,
  ): Promise<Posted | null> {
    let place = first ?? anyPlace(this.world, this.random);
    let mayHaveHappened = false;
    for (let pause = 50; !this.world.isOver; pause = Math.min(pause * 2, 1_000)) {
      const sentAt = this.world.history.now();
      const answer = await this.once(place, facts.room, author, facts.key, text);
      if (answer.kind === 'ok') return this.acknowledged(facts, author, text, answer, sentAt);
      if (answer.kind === 'refused' && answer.code !== 'RATE_LIMITED' && !mayHaveHappened) {
        this.world.history.add({ ...facts, type: 'fail', code: answer.code });
        return null;
      }
      mayHaveHappened ||= answer.kind === 'unknown';
      this.world.history.add({ ...facts, type: 'info', code: answer.code });
      await delay(this.random.between(pause / 2, pause));
      place = anyPlace(this.world, this.random, place);
    }
    return null;
  }

  private acknowledged(
    facts: { f: 'post'; room: number; user: number; key: string; hash: string },
    author: Person,
    text: string,
    { value }: Extract<Attempt, { kind: 'ok' }>,
    sentAt: number,
  ): Posted | null {
    const posted = {
      room: facts.room,
      author,
      key: facts.key,
      text,
      seq: 0,
      id: String(value['message'].id),
    };
    const seq = numberIn(posted.id);
    // Of what it says now: an acknowledgement of long ago may show an edited text.
    const hash = value['message'].version === 1 ? hashOf(value['message'].text) : facts.hash;
    this.world.history.add({ ...facts, hash, type: 'ok', seq, id: posted.id, sentAt });
    return this.isGone(facts.room, seq, sentAt) ? null : { ...posted, seq };
  }

  private once(place: Place, room: number, author: Person, key: string, text: string): Promise<Attempt> {
    const input = { roomId: roomIdOf(room), text, idempotencyKey: key };
    return attempt(place, author.token, 'sendMessage', input, 'message { id text version } replayed roomSeq');
  }

  private raiseHead({ room, seq }: Posted): void {
    this.heads.set(room, Math.max(seq, this.heads.get(room) ?? 0));
  }

  private remember(posted: Posted): void {
    this.raiseHead(posted);
    this.recent.push(posted);
    if (this.recent.length > RECENT) this.recent.shift();
  }

  private async repeat({ room, author, key, text }: Posted, place?: Place): Promise<void> {
    const facts = { f: 'post', room, user: author.user, key, hash: hashOf(text) } as const;
    this.inFlight++;
    await this.untilKnown(facts, author, text, place);
    this.inFlight--;
  }

  private async contradict({ room, author, key }: Posted): Promise<void> {
    const facts = { f: 'conflict', room, user: author.user, key } as const;
    this.world.history.add({ ...facts, type: 'invoke' });
    const place = anyPlace(this.world, this.random);
    const answer = await this.once(place, room, author, key, `r${room}: something else`);
    const type = answer.kind === 'ok' ? 'ok' : answer.kind === 'refused' ? 'fail' : 'info';
    this.world.history.add({ ...facts, type, ...(answer.kind !== 'ok' && { code: answer.code }) });
  }
}
