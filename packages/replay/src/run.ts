import { setTimeout as delay } from 'node:timers/promises';
import { Api, CallError } from './api.ts';
import { Delivery, type Findings, RoomLedger, Samples } from './ledger.ts';
import type { Nodes } from './nodes.ts';
import { importPeople, type Person } from './people.ts';
import type { Plan, PlannedRoom, Step } from './plan.ts';
import { judgeReader, Reader, type ReaderFindings } from './reader.ts';
import type { Undo } from './undo.ts';
import { inboxDocument, roomDocument, type WatchedStream, Watcher } from './watcher.ts';

// Also the number of concurrent requests, because the lines of one log follow each other.
const LOGS_AT_ONCE = 16;
// A node allows 100 streams on a socket.
const STREAMS_PER_SOCKET = 50;
const SETTLE_PATIENCE_MS = 30_000;
const MAX_PROBLEMS = 20;

export interface ReplayOptions {
  /** Posts per second over all logs; without it, as many as possible. */
  readonly rate?: number | undefined;
  /** How many times a socket of a subscriber is cut. */
  readonly cuts: number;
}

/** The progress of a run. */
export interface Progress {
  posts: number;
  joins: number;
  leaves: number;
  renames: number;
  replies: number;
  /** Steps that were refused permanently. */
  refused: number;
  events: number;
  readonly totalPosts: number;
}

export interface Verdict extends Findings {
  readonly nodes: number;
  readonly logs: number;
  readonly people: number;
  readonly posts: number;
  readonly joins: number;
  readonly leaves: number;
  readonly renames: number;
  readonly replies: number;
  readonly refused: number;
  readonly retries: number;
  readonly streams: number;
  readonly cuts: number;
  readonly reconnects: number;
  /** What SDK clients show in the end, who were away during the import. */
  readonly sdk: ReaderFindings;
  readonly seconds: number;
  readonly postsPerSecond: number;
  readonly deliveryP50Ms: number;
  readonly deliveryP99Ms: number;
  readonly postP50Ms: number;
  readonly postP99Ms: number;
  readonly problems: readonly string[];
  readonly ok: boolean;
}

interface OpenRoom {
  readonly plan: PlannedRoom;
  readonly ledger: RoomLedger;
}

/** One replay, from the accounts to the verdict. */
export class Replay {
  readonly progress: Progress;
  private readonly plan: Plan;
  private readonly options: ReplayOptions;
  private readonly nodes: Nodes;
  private readonly api: Api;
  private readonly undo: Undo;
  private readonly pace: Pace;
  private people: readonly Person[] = [];
  private rooms: readonly OpenRoom[] = [];
  private watchers: readonly Watcher[] = [];
  private readers: readonly Reader[] = [];
  private readonly deliveries: Delivery[] = [];
  private readonly deliveryTimes = new Samples();
  private readonly postTimes = new Samples();
  /** The problems, with the number of their occurrences. */
  private readonly problems = new Map<string, number>();
  private cutsAt: number[] = [];
  private cuts = 0;

  constructor(plan: Plan, nodes: Nodes, options: ReplayOptions, undo: Undo) {
    this.plan = plan;
    this.nodes = nodes;
    this.options = options;
    this.undo = undo;
    this.api = new Api(nodes.urls);
    undo.push(() => this.api.close());
    this.pace = new Pace(options.rate);
    const totalPosts = plan.rooms.reduce((sum, { posts }) => sum + posts.length, 0);
    this.progress = {
      posts: 0,
      joins: 0,
      leaves: 0,
      renames: 0,
      replies: 0,
      refused: 0,
      events: 0,
      totalPosts,
    };
  }

  /** Creates the accounts and the rooms, and starts the subscribers. No message is posted before this resolves. */
  async prepare(): Promise<void> {
    const perNode = (name: string) => this.nodes.urls.map((_, i) => `${name} ${i + 1}`);
    const names = [...this.plan.people, 'keeper', ...perNode('watcher'), ...perNode('reader')];
    const everybody = await importPeople(this.api, names, this.nodes.adminEnv);
    this.people = everybody.slice(0, this.plan.people.length);
    const [keeper, ...others] = everybody.slice(this.plan.people.length) as [Person, ...Person[]];
    const watchers = others.slice(0, this.nodes.urls.length);
    const readers = others.slice(this.nodes.urls.length);
    const roomIds = await atMost(LOGS_AT_ONCE, this.plan.rooms, (room) =>
      this.openRoom(keeper, room, others),
    );
    const [first] = watchers as [Person];
    this.rooms = await atMost(LOGS_AT_ONCE, this.plan.rooms, (plan, i) =>
      this.openLedger(first, plan, roomIds[i] ?? ''),
    );
    const sockets = await Promise.all(watchers.map((watcher, i) => this.watch(watcher, i)));
    this.watchers = sockets.flat();
    this.readers = await Promise.all(readers.map((reader, i) => this.openReader(reader, i)));
  }

  /** Runs the steps of the logs. */
  async play(): Promise<void> {
    const { totalPosts } = this.progress;
    this.cutsAt = Array.from({ length: this.options.cuts }, () =>
      Math.floor(Math.random() * totalPosts),
    ).sort((a, b) => a - b);
    await atMost(LOGS_AT_ONCE, this.rooms, async (room) => {
      for (const step of room.plan.steps) await this.perform(room, step);
    });
  }

  /** Waits for the remaining events, and returns the verdict. `seconds` is the duration of `play`. */
  async conclude(seconds: number): Promise<Verdict> {
    const [first] = this.watcherPeople as [Person];
    const lastSeqs = new Map<string, number>();
    await atMost(LOGS_AT_ONCE, this.rooms, async ({ ledger }) => {
      const { lastRoomSeq } = await this.positionOf(first, ledger.roomId);
      // Acknowledged posts count, even if the node does not know them any more.
      lastSeqs.set(ledger.roomId, Math.max(lastRoomSeq, ledger.lastAcknowledgedSeq()));
    });
    await this.cutTheRest();
    await this.settle(lastSeqs);
    for (const watcher of this.watchers) watcher.stop();
    const sdk = await this.judgeReaders();
    return this.judge(lastSeqs, seconds, sdk);
  }

  // -- before -----------------------------------------------------------------------------------

  private watcherPeople: readonly Person[] = [];

  private async openRoom(
    keeper: Person,
    { name }: PlannedRoom,
    watchers: readonly Person[],
  ): Promise<string> {
    const input = { name, kind: 'PUBLIC', idempotencyKey: `replay:${crypto.randomUUID()}` };
    const { room } = await this.api.mutate<{ room: { id: string } }>(
      keeper,
      'createRoom',
      'room { id }',
      input,
    );
    for (const watcher of watchers)
      await this.api.mutate(watcher, 'joinRoom', 'roomSeq', { roomId: room.id });
    return room.id;
  }

  private async openLedger(watcher: Person, plan: PlannedRoom, roomId: string): Promise<OpenRoom> {
    const { lastRoomSeq } = await this.positionOf(watcher, roomId);
    const facts = { roomId, name: plan.name, baseSeq: lastRoomSeq, posts: plan.posts };
    return { plan, ledger: new RoomLedger(facts, (who) => this.people[who]?.userId ?? '') };
  }

  private async positionOf(person: Person, roomId: string): Promise<{ cursor: string; lastRoomSeq: number }> {
    const query = 'query Position($id: ID!) { room(id: $id) { cursor lastRoomSeq } }';
    const { room } = await this.api.query<{ room: { cursor: string; lastRoomSeq: number } | null }>(
      person,
      query,
      { id: roomId },
    );
    if (!room) throw new CallError('NOT_FOUND', `room ${roomId} is not there`);
    return room;
  }

  /** An SDK client that has seen the empty rooms. */
  private async openReader(person: Person, index: number): Promise<Reader> {
    const reader = new Reader(this.nodes.urls[index] ?? '', person.session);
    this.undo.push(() => reader.close());
    await reader.begin();
    await reader.close();
    return reader;
  }

  /** On one node: a stream for every room, and the inbox. */
  private async watch(person: Person, index: number): Promise<Watcher[]> {
    this.watcherPeople = [...this.watcherPeople, person];
    const url = this.nodes.urls[index] ?? '';
    const at = `node ${index + 1}`;
    const streams = await atMost(LOGS_AT_ONCE, this.rooms, (room) => this.roomStream(person, room, at));
    const sockets = chunks(streams, STREAMS_PER_SOCKET).map((some) => new Watcher(url, person, some));
    sockets.push(new Watcher(url, person, [await this.inboxStream(person, at)]));
    for (const socket of sockets) this.undo.push(() => socket.stop());
    await Promise.all(sockets.map((socket) => socket.start()));
    return sockets;
  }

  private async roomStream(person: Person, { plan, ledger }: OpenRoom, at: string): Promise<WatchedStream> {
    const { cursor } = await this.positionOf(person, ledger.roomId);
    const delivery = this.delivery(ledger);
    return {
      name: `${at}, room ${plan.name}`,
      document: roomDocument,
      variables: { id: ledger.roomId },
      cursor,
      receive: (_roomId, event, time) => {
        this.progress.events++;
        delivery.receive(event, time);
      },
    };
  }

  private async inboxStream(person: Person, at: string): Promise<WatchedStream> {
    const query = '{ viewer { inboxCursor } }';
    const { viewer } = await this.api.query<{ viewer: { inboxCursor: string } }>(person, query);
    const deliveries = new Map(this.rooms.map(({ ledger }) => [ledger.roomId, this.delivery(ledger)]));
    return {
      name: `${at}, inbox`,
      document: inboxDocument,
      variables: {},
      cursor: viewer.inboxCursor,
      receive: (roomId, event, time) => {
        this.progress.events++;
        deliveries.get(roomId)?.receive(event, time);
      },
    };
  }

  private delivery(ledger: RoomLedger): Delivery {
    const delivery = new Delivery(ledger, this.deliveryTimes);
    this.deliveries.push(delivery);
    return delivery;
  }

  // -- meanwhile --------------------------------------------------------------------------------

  private async perform(room: OpenRoom, step: Step): Promise<void> {
    const person = this.people[step.who] as Person;
    const { roomId } = room.ledger;
    try {
      if (step.kind === 'post') return await this.post(room, person, step.post);
      if (step.kind === 'rename') {
        await this.api.mutate(person, 'updateProfile', '__typename', { displayName: step.displayName });
        this.progress.renames++;
        return;
      }
      await this.api.mutate(person, step.kind === 'join' ? 'joinRoom' : 'leaveRoom', 'roomSeq', { roomId });
      this.progress[step.kind === 'join' ? 'joins' : 'leaves']++;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.progress.refused++;
      this.note(`${step.kind} refused: ${error.message}`);
    }
  }

  private async post({ ledger }: OpenRoom, person: Person, post: number): Promise<void> {
    await this.pace.turn();
    const planned = ledger.posts[post];
    const replyToId = planned?.answers == null ? undefined : ledger.acknowledged[planned.answers]?.messageId;
    const input = {
      roomId: ledger.roomId,
      text: planned?.text,
      idempotencyKey: ledger.keyOf(post),
      replyToId,
    };
    const sentAt = performance.now();
    ledger.sentAt[post] = sentAt;
    const sent = await this.api.mutate<{ message: { id: string }; roomSeq: number }>(
      person,
      'sendMessage',
      'message { id } roomSeq',
      input,
    );
    this.postTimes.add(performance.now() - sentAt);
    ledger.acknowledged[post] = { messageId: sent.message.id, roomSeq: sent.roomSeq };
    if (replyToId) this.progress.replies++;
    this.progress.posts++;
    this.cutWhenDue();
  }

  private cutWhenDue(): void {
    if (this.progress.posts > (this.cutsAt[0] ?? Number.POSITIVE_INFINITY)) this.cutOne();
  }

  /** Cuts any open socket. If all of them are reconnecting, the cut stays due. */
  private cutOne(): void {
    const start = Math.floor(Math.random() * this.watchers.length);
    const inTurn = [...this.watchers.slice(start), ...this.watchers.slice(0, start)];
    if (!inTurn.some((watcher) => watcher.cut())) return;
    this.cutsAt.shift();
    this.cuts++;
  }

  private note(problem: string): void {
    const times = this.problems.get(problem) ?? 0;
    if (times > 0 || this.problems.size < MAX_PROBLEMS) this.problems.set(problem, times + 1);
  }

  // -- after ------------------------------------------------------------------------------------

  /** In a short log there can be more cuts than posts. */
  private async cutTheRest(): Promise<void> {
    const giveUpAt = performance.now() + SETTLE_PATIENCE_MS;
    while (this.cutsAt.length > 0 && performance.now() < giveUpAt) {
      this.cutOne();
      await delay(20);
    }
  }

  /** Waits until every stream has reached the end, or nothing has arrived for some time. */
  private async settle(lastSeqs: ReadonlyMap<string, number>): Promise<void> {
    let events = -1;
    let movedAt = performance.now();
    const isBehind = ({ room, highest }: Delivery) => highest < (lastSeqs.get(room.roomId) ?? 0);
    while (this.watchers.some((watcher) => !watcher.isLive) || this.deliveries.some(isBehind)) {
      if (this.progress.events !== events) movedAt = performance.now();
      else if (performance.now() - movedAt > SETTLE_PATIENCE_MS)
        return this.note('some streams did not come to the end');
      events = this.progress.events;
      await delay(50);
    }
  }

  /** Those who were away come back one after the other. */
  private async judgeReaders(): Promise<ReaderFindings> {
    const ledgers = this.rooms.map(({ ledger }) => ledger);
    const total = { messages: 0, missing: 0, repeated: 0, outOfOrder: 0, wrong: 0, different: 0 };
    for (const reader of this.readers) {
      await reader.open();
      const found = await judgeReader(reader, ledgers);
      for (const name of Object.keys(total) as (keyof ReaderFindings)[]) total[name] += found[name];
    }
    return total;
  }

  private judge(lastSeqs: ReadonlyMap<string, number>, seconds: number, sdk: ReaderFindings): Verdict {
    const findings = this.deliveries.map((delivery) =>
      delivery.conclude(lastSeqs.get(delivery.room.roomId) ?? 0),
    );
    const sum = (name: keyof Findings) => findings.reduce((total, one) => total + one[name], 0);
    const acknowledgedOutOfOrder = this.rooms.reduce(
      (total, { ledger }) => total + ledger.countOutOfOrder(),
      0,
    );
    const { posts, joins, leaves, renames, replies, refused } = this.progress;
    const noted = [...this.problems].map(([problem, times]) =>
      times > 1 ? `${problem} (${times} times)` : problem,
    );
    const problems = [...noted, ...this.watchers.flatMap((watcher) => watcher.problems)];
    const found: Findings = {
      events: sum('events'),
      missing: sum('missing'),
      repeated: sum('repeated'),
      outOfOrder: sum('outOfOrder') + acknowledgedOutOfOrder,
      wrong: sum('wrong'),
    };
    const { messages: _shown, ...badInSdk } = sdk;
    const badThere = Object.values(badInSdk).reduce((total, count) => total + count, 0);
    const bad =
      badThere + refused + found.missing + found.repeated + found.outOfOrder + found.wrong + problems.length;
    return {
      nodes: this.nodes.urls.length,
      logs: this.rooms.length,
      people: this.people.length,
      posts,
      joins,
      leaves,
      renames,
      replies,
      refused,
      retries: this.api.retries,
      streams: this.watchers.length === 0 ? 0 : (this.rooms.length + 1) * this.nodes.urls.length,
      cuts: this.cuts,
      reconnects: this.watchers.reduce((total, watcher) => total + watcher.reconnects, 0),
      ...found,
      sdk,
      seconds: rounded(seconds),
      postsPerSecond: rounded(posts / seconds),
      deliveryP50Ms: rounded(this.deliveryTimes.percentile(0.5)),
      deliveryP99Ms: rounded(this.deliveryTimes.percentile(0.99)),
      postP50Ms: rounded(this.postTimes.percentile(0.5)),
      postP99Ms: rounded(this.postTimes.percentile(0.99)),
      problems,
      ok: bad === 0 && posts === this.progress.totalPosts,
    };
  }
}

/** Spaces posts evenly. */
class Pace {
  private readonly gapMs: number;
  private next = 0;

  constructor(perSecond: number | undefined) {
    this.gapMs = perSecond ? 1_000 / perSecond : 0;
  }

  async turn(): Promise<void> {
    if (this.gapMs === 0) return;
    const now = performance.now();
    const at = Math.max(now, this.next);
    this.next = at + this.gapMs;
    if (at > now) await delay(at - now);
  }
}

/** Processes all items in their order, a limited number at a time. */
async function atMost<Item, Result>(
  count: number,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = Array.from<Result>({ length: items.length });
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as Item, i);
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, worker));
  return results;
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

const rounded = (value: number) => Math.round(value * 10) / 10;
