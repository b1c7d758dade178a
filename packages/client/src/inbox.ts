import { type Ending, type Verdict, verdictOn } from './ending.ts';
import { ParleyError, toParleyError } from './errors.ts';
import type { ConnectionState, Model } from './model.ts';
import { settle } from './outbox.ts';
import { backoffMs, Pauses } from './pause.ts';
import { begin } from './reducer.ts';
import { inboxSnapshot } from './snapshot.ts';
import { fillRooms, Stream, type StreamOptions } from './stream.ts';

export type InboxOptions = Omit<StreamOptions, 'onAlive'> & {
  /** Called when a connection is open: work that waits for the network can continue. */
  readonly onConnected: () => void;
};

/** A long pause starts like the third attempt, with up to four seconds. */
const LONG_FROM = 2;

/**
 * Keeps the state up to date while a user is signed in: takes a snapshot if there is none, follows the stream, and
 * reconnects when it ends.
 */
export class Inbox {
  private readonly options: InboxOptions;
  private readonly pauses = new Pauses();
  private stream: Stream | null = null;
  private isClosed = false;
  /** Consecutive connections without an item. */
  private failures = 0;
  /** Increases when another user signs in, or the user signs out. */
  private visits = 0;
  /** The position is unusable: the next connection starts with a snapshot. */
  private isStale = false;
  private wake: () => void = () => undefined;
  private readonly done: Promise<void>;

  constructor(options: InboxOptions) {
    this.options = options;
    let userId = this.userId;
    options.store.subscribe(() => {
      if (this.userId === userId) return;
      userId = this.userId;
      this.leave();
    });
    this.done = this.run();
  }

  /** Ends a pause between two attempts. */
  reconnect(): void {
    this.pauses.end();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.leave();
    await this.done;
  }

  private get userId(): string | undefined {
    return this.options.sessions.current?.userId;
  }

  private leave(): void {
    this.visits++;
    this.failures = 0;
    this.isStale = false;
    this.pauses.end();
    this.stream?.end({ kind: 'failed', error: new ParleyError('CLOSED', 'Client closed.') });
    this.wake();
  }

  private async run(): Promise<void> {
    while (!this.isClosed) {
      if (this.userId === undefined) await this.signIn();
      else await this.visit();
    }
  }

  /** Resolves when a user signs in, or the client is closed. */
  private signIn(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Opens one connection, and handles its end. */
  private async visit(): Promise<void> {
    const visit = this.visits;
    const ending = await this.follow(visit);
    this.stream = null;
    if (visit === this.visits) await this.react(verdictOn(ending));
  }

  private async follow(visit: number): Promise<Ending> {
    const { store, sessions } = this.options;
    const isOver = () => visit !== this.visits;
    try {
      this.show({ status: 'connecting' });
      const token = await sessions.token();
      await this.prepare(isOver);
      const { state } = store.getSnapshot();
      // Nothing waits between this and the stream, which would otherwise go on after the client was closed.
      if (!state || isOver()) throw new ParleyError('CLOSED', 'Client closed.');
      this.stream = new Stream({ ...this.options, onAlive: () => this.alive() }, token, state.cursor);
      return await this.stream.ended;
    } catch (error) {
      return { kind: 'failed', error: toParleyError(error) };
    }
  }

  /** Makes the state one from which a stream can continue. */
  private async prepare(isOver: () => boolean): Promise<void> {
    const { store, sessions } = this.options;
    if (this.isStale || !store.getSnapshot().state) await this.restart(isOver);
    await fillRooms(store, sessions, this.pauses, isOver);
  }

  private async restart(isOver: () => boolean): Promise<void> {
    const { store, sessions } = this.options;
    const snapshot = await inboxSnapshot(sessions);
    if (isOver()) return;
    this.isStale = false;
    store.update((model) => settle({ ...model, state: begin(snapshot), views: {} }));
  }

  private alive(): void {
    this.failures = 0;
    this.options.onConnected();
  }

  private async react({ next, pause, isTokenSpoiled, error }: Verdict): Promise<void> {
    const { sessions } = this.options;
    if (isTokenSpoiled) sessions.spoil(sessions.current?.accessToken ?? '');
    if (next === 'sign-out') return sessions.end();
    if (next === 'restart') this.isStale = true;
    if (next === 'stop') return this.rest(null, error);
    if (pause === 'long') this.failures = Math.max(this.failures, LONG_FROM);
    await this.rest(typeof pause === 'number' ? pause : backoffMs(this.failures++), error);
  }

  /** Waits; without a time, until `reconnect` is called. */
  private async rest(ms: number | null, error: Verdict['error']): Promise<void> {
    this.show({ status: 'offline', retryAt: ms === null ? null : Math.round(Date.now() + ms), error });
    await this.pauses.wait(ms ?? FOREVER_MS);
  }

  private show(connection: ConnectionState): void {
    this.options.store.update((model: Model) => ({ ...model, connection }));
  }
}

/** The longest time of a timer. */
const FOREVER_MS = 2 ** 31 - 1;
