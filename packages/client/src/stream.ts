import { missingEvents } from './catch-up.ts';
import type { Ending } from './ending.ts';
import { ParleyError, toParleyError } from './errors.ts';
import {
  FollowInboxDocument,
  type FollowInboxSubscription,
  SwapStreamTokenDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import type { Model } from './model.ts';
import { acknowledge, settle } from './outbox.ts';
import { backoffMs, Pauses } from './pause.ts';
import { settleReactions } from './reactions.ts';
import { apply, fill, partialRooms, type State } from './reducer.ts';
import type { Sessions } from './sessions.ts';
import { roomSnapshot } from './snapshot.ts';
import { Socket, type SocketOptions } from './socket.ts';
import type { Store } from './store.ts';

export interface StreamOptions {
  readonly store: Store;
  readonly sessions: Sessions;
  readonly socket: SocketOptions;
  /** A stream that says nothing for this long is dead, in milliseconds. */
  readonly silenceMs: number;
  /** Told the connection while it is live, and null when it has ended: other operations may use it. */
  readonly onLive: (socket: Socket | null) => void;
  /** Told when the first item arrives: the connection works. */
  readonly onAlive: () => void;
  /** Told of each item before it is applied. */
  readonly onItem: (item: StreamItem) => void;
}

/** What the server sends in the inbox: events, and what the stream says of itself. */
export type StreamItem = FollowInboxSubscription['inbox'];
type Item = StreamItem;

/** Items of a backlog are applied together that arrive within this time, in milliseconds. */
const BATCH_MS = 16;
/** A token that ends soon is replaced within this time, in milliseconds: the server warns a minute before. */
const SWAP_WITHIN_MS = 5_000;
/** A backlog is long from this many items on: the client asks how many there are. */
const LONG_BACKLOG = 50;

/** Follows the inbox over one connection, from the position of the state on. */
export class Stream {
  /** Resolves once, with the reason. */
  readonly ended: Promise<Ending>;
  private readonly options: StreamOptions;
  private readonly socket: Socket;
  private readonly pauses = new Pauses();
  private readonly finish: (ending: Ending) => void;
  private readonly queue: Item[] = [];
  private token: string;
  private isOver = false;
  private isApplying = false;
  private batch: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  /** Items that arrived before `StreamReady`; null after it. */
  private backlog: { received: number; applied: number; total: number | null } | null = {
    received: 0,
    applied: 0,
    total: null,
  };

  constructor(options: StreamOptions, token: string, after: string) {
    this.options = options;
    this.token = token;
    let finish: (ending: Ending) => void = () => undefined;
    this.ended = new Promise((resolve) => {
      finish = resolve;
    });
    this.finish = finish;
    this.socket = new Socket(options.socket, token, (ending) => this.end(ending));
    this.socket.follow(FollowInboxDocument, { after }, ({ inbox }) => this.receive(inbox));
    this.expectItem();
  }

  /** Takes nothing more, and closes the connection. */
  end(ending: Ending): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.batch);
    clearTimeout(this.silence);
    this.pauses.end();
    this.options.onLive(null);
    this.socket.close();
    this.finish(ending);
  }

  private receive(item: Item): void {
    clearTimeout(this.silence);
    if (this.backlog?.received === 0) this.options.onAlive();
    if (item.__typename === 'StreamReady' || !this.backlog) this.expectItem();
    if (this.backlog && ++this.backlog.received === LONG_BACKLOG) void this.measure(this.backlog);
    // At once: the token may end before a long backlog does.
    if (item.__typename === 'AuthExpiring') void this.swapToken();
    this.queue.push(item);
    // Only room events wait for each other: behind the last item the stream may end at once.
    if (!this.backlog || !('roomSeq' in item)) void this.applyAll();
    else this.batch ??= setTimeout(() => void this.applyAll(), BATCH_MS);
  }

  private expectItem(): void {
    this.silence = setTimeout(() => this.socket.giveUp(), this.options.silenceMs);
  }

  private async applyAll(): Promise<void> {
    clearTimeout(this.batch);
    this.batch = undefined;
    if (this.isApplying) return;
    this.isApplying = true;
    try {
      while (this.queue.length > 0 && !this.isOver) await this.applySome();
    } catch (error) {
      this.end({ kind: 'failed', error: toParleyError(error) });
    } finally {
      this.isApplying = false;
    }
  }

  /** Applies what is there, up to an item that needs a room to be fetched before the next one. */
  private async applySome(): Promise<void> {
    const { store, sessions } = this.options;
    try {
      store.update((model) => this.applyQueued(model));
    } catch (error) {
      return this.end({ kind: 'inconsistent', error: toParleyError(error, 'STREAM') });
    }
    await fillRooms(store, sessions, this.pauses, () => this.isOver);
  }

  private applyQueued(model: Model): Model {
    let next = model;
    while (this.queue.length > 0 && !this.isOver && !isPartial(next))
      next = this.applyItem(next, this.queue.shift() as Item);
    return this.backlog?.received ? { ...next, connection: this.progress(this.backlog) } : next;
  }

  private applyItem(model: Model, item: Item): Model {
    this.options.onItem(item);
    if (item.__typename === 'ResyncRequired') this.end({ kind: 'resync' });
    if (item.__typename === 'StreamClosed') this.end({ kind: 'stream-closed', ...item });
    if (!model.state) return model;
    const next = settleItem({ ...model, state: apply(model.state, item) }, item);
    if (item.__typename === 'StreamReady') return this.ready(next);
    if (this.backlog && 'roomSeq' in item) this.backlog.applied++;
    return next;
  }

  private ready(model: Model): Model {
    this.backlog = null;
    // Behind the update that this is part of.
    queueMicrotask(() => this.isOver || this.options.onLive(this.socket));
    return { ...model, connection: { status: 'live' } };
  }

  private progress({ applied, total }: NonNullable<Stream['backlog']>): Model['connection'] {
    return { status: 'catching-up', done: applied, total: total && Math.max(total, applied) };
  }

  private async measure(backlog: NonNullable<Stream['backlog']>): Promise<void> {
    const { store, sessions } = this.options;
    const { state } = store.getSnapshot();
    const before = backlog.applied;
    // The number is only shown; without it, the progress has no end.
    const missing = state && (await missingEvents(sessions, state).catch(() => null));
    backlog.total = missing && before + missing;
  }

  /** Gives the connection a new token, though not more often than tokens live. Repeats until it has one: without, the server ends the stream. */
  private async swapToken(): Promise<void> {
    await this.pauses.wait(Math.min(this.options.sessions.freshMs, SWAP_WITHIN_MS));
    for (let attempt = 0; !this.isOver; attempt++) {
      try {
        return await this.swapTokenOnce();
      } catch (error) {
        if (toParleyError(error).code === 'SIGNED_OUT')
          return this.end({ kind: 'failed', error: toParleyError(error) });
        await this.pauses.wait(backoffMs(attempt));
      }
    }
  }

  private async swapTokenOnce(): Promise<void> {
    const { sessions } = this.options;
    sessions.age(this.token);
    const accessToken = await sessions.token();
    successOf((await this.socket.run(SwapStreamTokenDocument, { input: { accessToken } })).refreshStreamAuth);
    this.token = accessToken;
  }
}

const isPartial = ({ state }: Model) => state !== null && partialRooms(state).length > 0;

/** The outbox after an item. */
function settleItem(model: Model, item: Item): Model {
  const next =
    'message' in item && 'author' in item.message ? acknowledge(model, item.room.id, item.message) : model;
  return settleReactions(next);
}

/**
 * Fetches what events alone cannot show, room by room.
 * @throws ParleyError
 */
export async function fillRooms(
  store: Store,
  sessions: Sessions,
  pauses: Pauses,
  isOver: () => boolean,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const [id] = partialRooms(stateOf(store));
    if (id === undefined || isOver()) return;
    const answer = await roomSnapshot(sessions, id);
    if (isOver()) return;
    store.update((model) => settle({ ...model, state: model.state && fill(model.state, id, answer) }));
    // An answer from before what was applied already: ask again, a little later.
    if (partialRooms(stateOf(store)).includes(id)) await pauses.wait(backoffMs(attempt));
  }
}

function stateOf(store: Store): State {
  const { state } = store.getSnapshot();
  if (!state) throw new ParleyError('SIGNED_OUT', 'Not signed in.');
  return state;
}
