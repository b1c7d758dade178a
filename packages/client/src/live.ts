import type { Client } from './client.ts';
import { ask, extend, isOver, Subscription } from './document-subscription.ts';
import {
  FollowLiveDocument,
  type FollowLiveSubscription,
  PrivacyDocument,
  SetPrivacyDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { TypingReport } from './live-typing.ts';
import { Cell, derive, type Observable } from './observable.ts';
import { backoffMs } from './pause.ts';
import { ReceiptCounter } from './receipt-counter.ts';
import { type Known, nothingKnown, type Receipts, receiptsOf } from './receipts.ts';
import type { Person } from './reducer.ts';
import type { RoomHandle } from './room.ts';

export type { MessageReceipts, Receipts } from './receipts.ts';

// An entry of its own: an application without typing users and receipts does not load it.

/** The tab that has the connection is asked again after this time, in milliseconds, if it could not answer. */
const RETRY_MS = 20_000;

const FOLLOW = { text: FollowLiveDocument, field: 'room', cursorVariable: 'after', after: null };

/** What happens beside the log of one room. It is followed as long as an observable has subscribers. */
export class LiveRoom {
  /** The other users who are typing. */
  readonly typing: Observable<readonly Person[]>;
  /** The receipts of the own messages that the room shows. Empty where the viewer does not share the own marks. */
  readonly receipts: Observable<Receipts>;
  private readonly client: Client;
  private readonly room: RoomHandle;
  private readonly report: TypingReport;
  private readonly people = new Cell<readonly Person[]>([]);
  private readonly known = new Cell<Known>(nothingKnown);
  private observers = 0;
  private subscription: Subscription | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private unwatch: readonly (() => void)[] = [];
  private counter: ReceiptCounter | null = null;
  /** How often following has failed since the last item. */
  private failures = 0;

  constructor(client: Client, roomId: string) {
    this.client = client;
    this.room = client.room(roomId);
    this.report = new TypingReport(client, roomId);
    const others = derive(
      both(this.people, client.viewer),
      ([people, viewer]) => [people, viewer?.id],
      (people, id) => people.filter((person) => person.id !== id),
    );
    let receipts: Receipts = new Map();
    const folded = derive(
      both(this.known, this.room.messages),
      (inputs) => inputs,
      (known, messages) => {
        receipts = receiptsOf(known, messages, receipts);
        return receipts;
      },
    );
    this.typing = this.whileObserved(others);
    this.receipts = this.whileObserved(folded);
  }

  /**
   * Reports that the viewer is typing, or has stopped. Call it at each keystroke: it is sent every 3 seconds. It may be
   * lost, and is not repeated. A message that is sent ends it.
   */
  setTyping(isTyping: boolean = true): void {
    this.report.set(isTyping);
  }

  /** Follows the room anew: the server judges at the start of a stream whether the viewer gets receipts. */
  restart(): void {
    if (this.observers === 0) return;
    this.close();
    this.open();
  }

  private whileObserved<Value>(source: Observable<Value>): Observable<Value> {
    const subscribe = (listener: () => void) => {
      const unsubscribe = source.subscribe(listener);
      if (this.observers++ === 0) this.begin();
      let isOver = false;
      return () => {
        unsubscribe();
        if (!isOver && --this.observers === 0) this.end();
        isOver = true;
      };
    };
    return { getSnapshot: () => source.getSnapshot(), subscribe };
  }

  private begin(): void {
    const sharing = derive(
      this.room.info,
      (info) => [info?.viewerSharesReceipts ?? null],
      (shares) => shares,
    );
    const restart = () => this.restart();
    this.unwatch = [sharing.subscribe(restart), this.client.viewer.subscribe(() => this.retry && restart())];
    this.open();
  }

  private end(): void {
    for (const unwatch of this.unwatch) unwatch();
    this.close();
  }

  private open(): void {
    this.subscription = new Subscription(
      this.client,
      FOLLOW,
      { id: this.room.id },
      {
        next: (data) => this.take((data as FollowLiveSubscription).room),
        lost: () => this.people.set([]),
        error: () => void this.beginAgain(),
      },
    );
  }

  /** After a pause, unless the client was closed. */
  private async beginAgain(): Promise<void> {
    this.close();
    if ((await isOver(this.client)) || this.subscription || this.observers === 0) return;
    this.retry = setTimeout(() => this.restart(), backoffMs(this.failures++));
  }

  private close(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.subscription?.stop();
    this.subscription = null;
    this.stopCounting();
    this.people.set([]);
    this.known.set(nothingKnown);
  }

  private take(item: FollowLiveSubscription['room']): void {
    this.failures = 0;
    if (item.__typename === 'TypingChanged') this.people.set(item.users);
    if (item.__typename !== 'ReceiptsChanged') return;
    if (!item.markers) return this.count();
    this.stopCounting();
    const asOf = this.room.info.getSnapshot()?.lastMessageSeq ?? 0;
    this.known.set({ marks: { markers: item.markers, asOf }, counts: new Map() });
  }

  /** The room has too many members to list their marks. */
  private count(): void {
    this.counter ??= new ReceiptCounter(this.client, this.room, (counts) =>
      this.known.set({ marks: null, counts }),
    );
    this.counter.count();
  }

  private stopCounting(): void {
    this.counter?.close();
    this.counter = null;
  }
}

/** Two observables as one. */
function both<A, B>(a: Observable<A>, b: Observable<B>): Observable<[A, B]> {
  const subscribe = (listener: () => void) => {
    const unsubscribe = [a.subscribe(listener), b.subscribe(listener)];
    return () => {
      for (const each of unsubscribe) each();
    };
  };
  return { getSnapshot: () => [a.getSnapshot(), b.getSnapshot()], subscribe };
}

const roomsOf = new WeakMap<Client, Map<string, LiveRoom>>();

/**
 * What happens beside the log of a room: who is typing, and who has received and read the messages. The same object for the
 * same client and room.
 */
export function liveRoom(client: Client, roomId: string): LiveRoom {
  extend(client);
  const rooms = roomsOf.get(client) ?? new Map<string, LiveRoom>();
  roomsOf.set(client, rooms);
  const room = rooms.get(roomId) ?? new LiveRoom(client, roomId);
  rooms.set(roomId, room);
  return room;
}

/** Whether the viewer and the others see how far each has read, in rooms without a setting of their own. */
export async function sharesReceipts(client: Client): Promise<boolean> {
  return (await client.request(PrivacyDocument, {})).viewer?.sharesReceipts ?? true;
}

/**
 * Changes that. `setPreferences` of `@parley/client/reading` changes it for one room.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function setSharesReceipts(client: Client, sharesReceipts: boolean): Promise<void> {
  successOf((await client.request(SetPrivacyDocument, { input: { sharesReceipts } })).updatePrivacy);
  for (const room of roomsOf.get(client)?.values() ?? []) room.restart();
}

/**
 * Acknowledges messages as soon as this device has stored them, in all rooms, so that others see them as delivered. To be
 * called once, in every tab: only the tab that has the connection acknowledges.
 */
export async function acknowledgeDeliveries(client: Client): Promise<void> {
  extend(client);
  // Answered only by a tab that does not know how to: an application that loads this entry later.
  while (await isAnswered(client)) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
}

const isAnswered = (client: Client): Promise<boolean> =>
  ask(client, { kind: 'acknowledge' }).then(
    () => true,
    () => false,
  );
