import type { PlannedPost } from './plan.ts';

/** The inspected part of an event of a stream. */
export interface DeliveredEvent {
  readonly __typename: string;
  readonly roomSeq: number;
  readonly message?: {
    readonly id: string;
    readonly text: string | null;
    readonly idempotencyKey: string;
    readonly author: { readonly id: string };
  };
}

interface Acknowledged {
  readonly messageId: string;
  readonly roomSeq: number;
}

type PostedMessage = NonNullable<DeliveredEvent['message']>;

/** The posts to one room, and the answers of the node. Posts are identified by their position in the log. */
export class RoomLedger {
  readonly roomId: string;
  readonly posts: readonly PlannedPost[];
  /** Streams deliver all events after this number. */
  readonly baseSeq: number;
  readonly acknowledged: (Acknowledged | undefined)[];
  readonly sentAt: Float64Array;
  private readonly byKey = new Map<string, number>();
  private readonly name: string;
  private readonly authorId: (who: number) => string;

  constructor(
    room: { roomId: string; name: string; baseSeq: number; posts: readonly PlannedPost[] },
    authorId: (who: number) => string,
  ) {
    this.roomId = room.roomId;
    this.name = room.name;
    this.baseSeq = room.baseSeq;
    this.posts = room.posts;
    this.authorId = authorId;
    this.acknowledged = Array.from<Acknowledged | undefined>({ length: room.posts.length });
    this.sentAt = new Float64Array(room.posts.length);
    room.posts.forEach((_, post) => this.byKey.set(this.keyOf(post), post));
  }

  /** The same for every attempt. */
  keyOf(post: number): string {
    return `${this.name}:${this.posts[post]?.line}`;
  }

  postOfKey(key: string): number | undefined {
    return this.byKey.get(key);
  }

  isAsPosted(post: number, { text, author }: Pick<PostedMessage, 'text' | 'author'>): boolean {
    const planned = this.posts[post];
    return planned !== undefined && planned.text === text && this.authorId(planned.who) === author.id;
  }

  lastAcknowledgedSeq(): number {
    return this.acknowledged.reduce((last, one) => Math.max(last, one?.roomSeq ?? 0), this.baseSeq);
  }

  /** Posts with a lower number than one that was acknowledged earlier. */
  countOutOfOrder(): number {
    const numbers = this.acknowledged.flatMap((one) => (one ? [one.roomSeq] : []));
    return numbers.filter((roomSeq, i) => i > 0 && roomSeq <= (numbers[i - 1] ?? 0)).length;
  }
}

export interface Findings {
  events: number;
  /** Numbers that never arrived. */
  missing: number;
  /** Events that arrived again, and posts that arrived under two numbers. */
  repeated: number;
  /** Events that arrived after a later one. */
  outOfOrder: number;
  /** Posts with another text, author, id or number than was acknowledged. */
  wrong: number;
}

/** The events that one stream delivered of one room, checked as they arrive. */
export class Delivery {
  readonly room: RoomLedger;
  highest: number;
  private readonly seen = new Set<number>();
  private readonly placeOf: Int32Array;
  private readonly latencies: Samples;
  private readonly found: Findings = { events: 0, missing: 0, repeated: 0, outOfOrder: 0, wrong: 0 };

  constructor(room: RoomLedger, latencies: Samples) {
    this.room = room;
    this.latencies = latencies;
    this.highest = room.baseSeq;
    this.placeOf = new Int32Array(room.posts.length);
  }

  receive(event: DeliveredEvent, at: number): void {
    const { roomSeq, message } = event;
    this.found.events++;
    if (roomSeq <= this.room.baseSeq || this.seen.has(roomSeq)) {
      this.found.repeated++;
      return;
    }
    this.seen.add(roomSeq);
    if (roomSeq < this.highest) this.found.outOfOrder++;
    else this.highest = roomSeq;
    if (event.__typename === 'MessageCreated' && message) this.receivePost(roomSeq, message, at);
  }

  private receivePost(roomSeq: number, message: NonNullable<DeliveredEvent['message']>, at: number): void {
    const post = this.room.postOfKey(message.idempotencyKey);
    if (post === undefined) return; // a post of another program
    if (this.placeOf[post]) this.found.repeated++;
    else this.latencies.add(at - (this.room.sentAt[post] ?? 0));
    this.placeOf[post] = roomSeq;
    if (!this.room.isAsPosted(post, message)) this.found.wrong++;
  }

  /** The verdict, when everything up to `lastSeq` should have arrived. */
  conclude(lastSeq: number): Findings {
    const expected = Math.max(0, lastSeq - this.room.baseSeq);
    const came = [...this.seen].filter((roomSeq) => roomSeq <= lastSeq).length;
    const misplaced = this.room.acknowledged.filter(
      (one, post) => one && this.seen.has(one.roomSeq) && this.placeOf[post] !== one.roomSeq,
    );
    return { ...this.found, missing: expected - came, wrong: this.found.wrong + misplaced.length };
  }
}

/** Measurements in milliseconds. */
export class Samples {
  private values = new Float64Array(1 << 12);
  private count = 0;

  add(value: number): void {
    if (this.count === this.values.length) {
      const larger = new Float64Array(2 * this.count);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.count++] = value;
  }

  /** The value that the given part of all measurements does not exceed; 0 without any. */
  percentile(part: number): number {
    const sorted = this.values.slice(0, this.count).sort();
    return sorted[Math.max(0, Math.ceil(part * this.count) - 1)] ?? 0;
  }
}
