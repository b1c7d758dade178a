import {
  apply,
  begin,
  fill,
  type Item,
  isWhole,
  partialRooms,
  type RoomAnswer,
  type Snapshot,
  type State,
} from '../../packages/client/src/reducer.ts';
import {
  FollowInboxDocument,
  type FollowInboxSubscription,
  FollowRoomDocument,
  type FollowRoomSubscription,
  InboxPageDocument,
  type InboxPageQuery,
  type InboxPageQueryVariables,
  InboxSnapshotDocument,
  RoomSnapshotDocument,
} from '../client/gql/graphql.ts';
import { type Feed, type Item as FeedItem, openFeed } from './feed.ts';
import type { Person } from './people.ts';

const PATIENCE_MS = 60_000;
const KEPT_CURSORS = 20;
/** So few that ordinary lives of a test need several pages. */
const PAGE = { rooms: 6, events: 5 };

// The generated types must fit those of the reducer.
type InboxItem = FollowInboxSubscription['inbox'];
type RoomItem = FollowRoomSubscription['room'];

/** What happened to a follower, in order: enough to fold it again. */
export type Step =
  | { readonly kind: 'begin'; readonly snapshot: Snapshot }
  | { readonly kind: 'item'; readonly item: Item }
  | { readonly kind: 'fill'; readonly roomId: string; readonly answer: RoomAnswer | null };

/** The followed data: how a snapshot is taken, and how the stream is opened. */
interface Subject {
  snapshot(person: Person): Promise<Snapshot>;
  watch(person: Person, after: string): Promise<Feed>;
}

/** All pages of rooms, with the cursor of the first. */
export async function inboxSnapshot(person: Person): Promise<Snapshot> {
  const rooms: RoomAnswer[] = [];
  let [first, after] = [null as Snapshot | null, null as string | null];
  for (;;) {
    const { viewer } = await person.run(InboxSnapshotDocument, { after, rooms: PAGE.rooms });
    if (!viewer) throw new Error(`${person.username} is nobody`);
    rooms.push(...viewer.rooms.nodes);
    first ??= { cursor: viewer.inboxCursor, viewer: viewer.user, rooms };
    if (!viewer.rooms.pageInfo.hasNextPage) return first;
    after = viewer.rooms.pageInfo.endCursor;
  }
}

async function askRoom(person: Person, id: string): Promise<{ cursor: string; room: RoomAnswer | null }> {
  const { room } = await person.run(RoomSnapshotDocument, { id, messages: 20 });
  if (!room) return { cursor: '', room };
  const { cursor, ...answer } = room;
  return { cursor: cursor ?? '', room: answer };
}

const inbox: Subject = {
  snapshot: inboxSnapshot,
  watch: (person, after) =>
    openFeed(person.node.wsUrl, person.token, FollowInboxDocument.toString(), { after }, 'inbox'),
};

const roomOf = (id: string): Subject => ({
  async snapshot(person) {
    const { cursor, room } = await askRoom(person, id);
    const viewer = { id: person.userId, username: person.username, displayName: '', isDeleted: false };
    return { cursor, viewer, rooms: room?.viewerMembership ? [room] : [] };
  },
  watch: (person, after) =>
    openFeed(person.node.wsUrl, person.token, FollowRoomDocument.toString(), { id, after }, 'room'),
});

/** A client with the reference reducer: it follows a stream, and can be cut off and come back. */
export class Follower {
  state!: State;
  /** Of the room followed; null for an inbox. */
  readonly roomId: string | null;
  readonly history: Step[] = [];
  readonly counts = { items: 0, resumes: 0, repeats: 0, pages: 0, resyncs: 0, fetches: 0 };
  private person: Person;
  private readonly subject: Subject;
  private feed: Feed | null = null;
  private loop: Promise<void> = Promise.resolve();
  private cursors: string[] = [];
  private watchedFrom = '';
  /** The backlog behind the snapshot was delivered. */
  private isReady = false;
  /** This user has lost the room. */
  private isOver = false;
  private failure: Error | null = null;
  private wakeUp: (() => void) | null = null;

  private constructor(person: Person, roomId: string | null) {
    this.person = person;
    this.roomId = roomId;
    this.subject = roomId === null ? inbox : roomOf(roomId);
  }

  static async ofInbox(person: Person): Promise<Follower> {
    return new Follower(person, null).started();
  }

  static async ofRoom(person: Person, roomId: string): Promise<Follower> {
    return new Follower(person, roomId).started();
  }

  get isOnline(): boolean {
    return this.feed !== null;
  }

  /** Cuts the connection without a close. Items that were received and not applied are lost. */
  async cut(): Promise<void> {
    // Twice, if it was just starting over.
    while (this.feed) {
      const feed = this.feed;
      this.feed = null;
      feed.cut();
      await this.loop;
    }
    if (this.failure) throw this.failure;
  }

  /** Reconnects, as the same user or the same at another node. `back`: from a position this many items earlier. */
  async resume(person: Person, { back = 0, byPages = false } = {}): Promise<void> {
    if (this.isOver) return;
    this.person = person;
    this.counts.resumes++;
    const cursor = this.cursors.at(-1 - back) ?? this.cursors[0] ?? this.state.cursor;
    if (cursor !== this.state.cursor) this.counts.repeats++;
    if (byPages && this.roomId === null) await this.readPages(cursor);
    else await this.watch(cursor);
  }

  /** Forgets everything: a new device. */
  async startOver(person = this.person): Promise<void> {
    await this.cut();
    this.person = person;
    await this.started();
  }

  /** Resolves when that holds of the state. */
  async reaches(isThere: (state: State) => boolean, what: () => string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!this.isReady || !isWhole(this.state) || !isThere(this.state)) {
      if (this.failure) throw this.failure;
      if (!(await this.changed(deadline - Date.now())))
        throw new Error(`${this.person.username} waited in vain: ${what()}; ${this.summary()}`);
    }
  }

  private async started(): Promise<this> {
    const snapshot = await this.subject.snapshot(this.person);
    this.note({ kind: 'begin', snapshot });
    this.cursors = [];
    this.isReady = false;
    this.isOver = this.roomId !== null && snapshot.rooms.length === 0;
    if (!this.isOver) await this.watch(snapshot.cursor);
    return this;
  }

  private async watch(after: string): Promise<void> {
    this.watchedFrom = after;
    const feed = await this.subject.watch(this.person, after);
    this.feed = feed;
    this.loop = this.follow(feed).catch((error: Error) => {
      // Cut off on purpose.
      if (this.feed === feed) this.failure = error;
      this.wake();
    });
  }

  private async follow(feed: Feed): Promise<void> {
    for (;;) {
      const item = await feed.next();
      if (this.feed !== feed) return;
      if (item.__typename === 'ResyncRequired') return this.resync(item['resyncReason']);
      if (item.__typename === 'StreamClosed') return this.end(item);
      await this.take(item as unknown as InboxItem | RoomItem);
    }
  }

  private async readPages(after: string): Promise<void> {
    let position = after;
    for (;;) {
      const { data, errors } = await this.person.ask<InboxPageQuery>(InboxPageDocument.toString(), {
        after: position,
        first: PAGE.events,
      } satisfies InboxPageQueryVariables);
      if (errors[0]?.extensions.code === 'ACCESS_CHANGED') return this.resync('ACCESS_CHANGED');
      if (errors.length > 0 || !data) throw new Error(JSON.stringify(errors));
      this.counts.pages++;
      for (const item of data.inboxEvents.nodes) await this.take(item);
      position = data.inboxEvents.pageInfo.endCursor ?? position;
      if (!data.inboxEvents.pageInfo.hasNextPage) return this.watch(position);
    }
  }

  private async take(item: Item): Promise<void> {
    this.counts.items++;
    this.note({ kind: 'item', item });
    for (const roomId of partialRooms(this.state)) {
      this.counts.fetches++;
      this.note({ kind: 'fill', roomId, answer: (await askRoom(this.person, roomId)).room });
    }
    this.isReady ||= item.__typename === 'StreamReady';
    if ('cursor' in item) this.cursors.push(item.cursor);
    if (this.cursors.length > KEPT_CURSORS) this.cursors.shift();
    this.wake();
  }

  private note(step: Step): void {
    this.history.push(step);
    this.state = replay(this.state, step);
  }

  /** Only where access was lost and given again meanwhile: nothing else in these tests breaks continuity. */
  private async resync(reason: string): Promise<void> {
    if (reason !== 'ACCESS_CHANGED') throw new Error(`${this.person.username}: ${reason}`);
    this.counts.resyncs++;
    this.feed?.close();
    await this.started();
    if (this.isOver) this.feed = null;
    this.wake();
  }

  /** The end of a room for a user who lost it; any other end is an error. */
  private end(item: FeedItem): void {
    const isExpected = this.roomId !== null && ['ACCESS_LOST', 'NOT_FOUND'].includes(item['closeReason']);
    if (!isExpected) {
      const what = `the ${this.roomId ? `stream of ${this.roomId}` : 'inbox'} of ${this.person.username}`;
      throw new Error(`${what} ended: ${JSON.stringify(item)}; ${this.summary()}`);
    }
    // Lost while offline: no event reports it, but the end does.
    if (item['closeReason'] === 'NOT_FOUND')
      this.note({ kind: 'fill', roomId: this.roomId ?? '', answer: null });
    this.isOver = true;
    this.feed?.close();
    this.feed = null;
    this.wake();
  }

  private summary(): string {
    const steps = this.history.slice(-12).map((step) => {
      if (step.kind === 'begin')
        return `begin ${step.snapshot.cursor} with ${step.snapshot.rooms.map(({ id }) => id).join(' ')}`;
      if (step.kind === 'fill') return `fill ${step.roomId}`;
      const { __typename, accountSeq, roomSeq, room } = step.item as unknown as FeedItem;
      return `${__typename} ${room?.id ?? ''} ${roomSeq ?? ''} ${accountSeq ?? ''}`;
    });
    return `${JSON.stringify(this.counts)}, cursor ${this.state.cursor}, from ${this.watchedFrom}, the last steps: ${steps.join('; ')}`;
  }

  private wake(): void {
    this.wakeUp?.();
    this.wakeUp = null;
  }

  private async changed(patienceMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), Math.max(0, patienceMs));
    });
    const woken = new Promise<true>((resolve) => {
      this.wakeUp = () => resolve(true);
    });
    return Promise.race([woken, late]).finally(() => clearTimeout(timer));
  }
}

/** The state after one more step of a history. */
export function replay(state: State, step: Step): State {
  if (step.kind === 'begin') return begin(step.snapshot);
  return step.kind === 'item' ? apply(state, step.item) : fill(state, step.roomId, step.answer);
}
