import { setTimeout as delay } from 'node:timers/promises';
import { MAX_LIFETIME } from '../../src/rooms/lifetime.ts';
import { someMetadata } from '../capabilities/metadata.ts';
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
  readonly way: Way;
}

/** How a message is sent: a mutation, and what its input has besides the room, the text and the key. */
interface Way {
  readonly mutation: 'sendMessage' | 'createPoll';
  readonly input: object;
}

export const PLAIN: Way = { mutation: 'sendMessage', input: {} };
/** Of a poll. */
export const MAX_CHOICES = 2;
const QUESTION: Way = {
  mutation: 'createPoll',
  input: { options: ['yes', 'no', 'perhaps'], maxChoices: MAX_CHOICES },
};

/** Each with parts, which are stored with the message; one of them deletes it long after the run. */
const WITH_PARTS: readonly Way[] = [
  { metadata: someMetadata },
  { location: { latitude: 52.52, longitude: 13.4, label: 'here' } },
  { expiresInSeconds: MAX_LIFETIME, metadata: someMetadata },
].map((input) => ({ mutation: 'sendMessage', input }));

const replyTo = (threadRootId: string, alsoSendToRoom = false): Way => ({
  mutation: 'sendMessage',
  input: { threadRootId, alsoSendToRoom },
});

const REPLYING = 0.15;
const ASKING = 0.02;
const ATTACHING = 0.1;
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
  /** The last poll: votes change only where many are for one. */
  poll: Posted | null = null;
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
    this.poll = null;
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
    const times = mood < AT_TWO_NODES ? 'twice' : 'perhaps again';
    const first = this.send(room, author, key, times, this.way(room));
    if (mood > 1 - SHARED_KEY) void this.send(room, this.other(author), key, 'once', PLAIN);
    const posted = await first;
    if (posted && mood > 0.5 && mood < 0.5 + CONFLICTING) void this.contradict(posted);
    return posted;
  }

  /** One message and nothing else, through that node. */
  sayQuietly(room: number, place: Place, way: Way = PLAIN): Promise<Posted | null> {
    return this.send(room, this.random.pick(this.authors), `k${++this.count}`, 'once', way, place);
  }

  /**
   * Several at once through one node, a known key and replies in two threads among them: a batch in which not all are
   * stored, and whose numbers belong to different lists.
   */
  async burst(room: number, place: Place): Promise<void> {
    const known = this.recent.filter((posted) => posted.room === room).slice(-2);
    const fresh = () => this.sayQuietly(room, place);
    const again = known.slice(-1).map((posted) => this.repeat(posted, place));
    const replies = known.map(({ id }) => this.sayQuietly(room, place, replyTo(id)));
    await Promise.all([fresh(), fresh(), ...again, ...replies, fresh(), fresh()]);
  }

  /** Mostly alone, sometimes in the thread of a message, sometimes with a poll or other parts. */
  private way(room: number): Way {
    const mood = this.random.next();
    if (mood < ASKING) return QUESTION;
    const more = this.random.chance(ATTACHING) ? this.random.pick(WITH_PARTS) : PLAIN;
    const root = this.recent.findLast((posted) => posted.room === room);
    if (!root || mood > ASKING + REPLYING) return more;
    const reply = replyTo(root.id, this.random.chance(0.3));
    return { ...reply, input: { ...reply.input, ...more.input } };
  }

  private other(author: Person): Person {
    return this.random.pick(this.authors.filter((one) => one !== author));
  }

  private async send(
    room: number,
    author: Person,
    key: string,
    times: 'once' | 'twice' | 'perhaps again',
    way: Way,
    place?: Place,
  ): Promise<Posted | null> {
    const text = `r${room}: ${author.user} ${key} ${'x'.repeat(this.random.below(120))}`;
    const facts = { f: 'post', room, user: author.user, key, hash: hashOf(text) } as const;
    this.inFlight++;
    this.world.history.add({ ...facts, type: 'invoke' });
    try {
      const first = this.untilKnown(facts, author, text, way, place);
      // At two nodes at the same instant.
      if (times === 'twice')
        await this.untilKnown(facts, author, text, way, anyPlace(this.world, this.random, place));
      const posted = await first;
      if (posted) this.remember(posted);
      if (posted && times === 'perhaps again' && this.random.chance(REPEATED)) void this.repeat(posted);
      return posted;
    } finally {
      this.inFlight--;
    }
  }

  private async untilKnown(
    facts: { f: 'post'; room: number; user: number; key: string; hash: string },
    author: Person,
    text: string,
    way: Way,
    first?: Place,
  ): Promise<Posted | null> {
    let place = first ?? anyPlace(this.world, this.random);
    let mayHaveHappened = false;
    for (let pause = 50; !this.world.isOver; pause = Math.min(pause * 2, 1_000)) {
      const sentAt = this.world.history.now();
      const answer = await this.once(place, facts.room, author, facts.key, text, way);
      if (answer.kind === 'ok') return this.acknowledged(facts, author, text, way, answer, sentAt);
      // A reply to a message that was deleted is never stored: a known key would have been answered.
      const isFinal = answer.code === 'CONFLICT' || !mayHaveHappened;
      if (answer.kind === 'refused' && answer.code !== 'RATE_LIMITED' && isFinal) {
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
    way: Way,
    { value }: Extract<Attempt, { kind: 'ok' }>,
    sentAt: number,
  ): Posted | null {
    const posted = {
      room: facts.room,
      author,
      key: facts.key,
      text,
      way,
      seq: 0,
      id: String(value['message'].id),
    };
    const seq = numberIn(posted.id);
    // Of what it says now: an acknowledgement of long ago may show an edited text.
    const hash = value['message'].version === 1 ? hashOf(value['message'].text) : facts.hash;
    this.world.history.add({ ...facts, hash, type: 'ok', seq, id: posted.id, sentAt });
    return this.isGone(facts.room, seq, sentAt) ? null : { ...posted, seq };
  }

  private once(
    place: Place,
    room: number,
    author: Person,
    key: string,
    text: string,
    { mutation, input }: Way = PLAIN,
  ): Promise<Attempt> {
    const said = { [mutation === 'createPoll' ? 'question' : 'text']: text };
    const whole = { roomId: roomIdOf(room), idempotencyKey: key, ...said, ...input };
    return attempt(place, author.token, mutation, whole, 'message { id text version } replayed roomSeq');
  }

  private raiseHead({ room, seq }: Posted): void {
    this.heads.set(room, Math.max(seq, this.heads.get(room) ?? 0));
  }

  private remember(posted: Posted): void {
    this.raiseHead(posted);
    this.recent.push(posted);
    if (this.recent.length > RECENT) this.recent.shift();
    if (posted.way === QUESTION) this.poll = posted;
  }

  private async repeat({ room, author, key, text, way }: Posted, place?: Place): Promise<void> {
    const facts = { f: 'post', room, user: author.user, key, hash: hashOf(text) } as const;
    this.inFlight++;
    await this.untilKnown(facts, author, text, way, place);
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
