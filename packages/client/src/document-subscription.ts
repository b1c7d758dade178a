import type { Client } from './client.ts';
import { type Call, type Pulled, Runner, verdictOnFailure } from './document-runner.ts';
import type { PreparedStream } from './document-text.ts';
import { type Ending, type Verdict, verdictOn } from './ending.ts';
import { ParleyError } from './errors.ts';
import type { GraphQLProblem, GraphQLResponse } from './http.ts';
import { newKey } from './keys.ts';
import { backoffMs, Pauses } from './pause.ts';

/** What is known of an item besides its data. */
export interface ItemInfo {
  /** The position behind this item: kept with what was made of it, it is where the next start goes on. Null: none. */
  readonly cursor: string | null;
  /** Errors of single fields. */
  readonly errors: readonly GraphQLProblem[];
}

export interface Observer<Data> {
  /** Told of each item, in order. The next one waits until this has returned, or its promise is settled. */
  next(data: Data, info: ItemInfo): void | Promise<void>;
  /** Told once, when the subscription has ended and the client cannot continue it. */
  error(error: ParleyError): void;
  /** Told when a connection has ended. The next one starts behind the last item with a cursor. */
  lost?(): void;
}

interface Item {
  readonly __typename: string;
  readonly cursor?: string | null;
  readonly resyncReason?: string;
}

type StreamClosed = Omit<Extract<Ending, { kind: 'stream-closed' }>, 'kind'>;

/** A long pause begins like the third attempt, with up to four seconds. */
const LONG_FROM = 2;

/** Lets the tab answer calls if it has the connection. To be called in every tab. */
export function extend(client: Client): void {
  client.options.extend ??= (engine) => new Runner(engine, client.options.onError);
}

/** Undefined where the tab that has the connection was not extended. */
export const ask = async (client: Client, call: Call): Promise<unknown> =>
  (await client.commands()).operate(call);

/** Whether the client was closed, or never began: then nothing can be repeated. */
export const isOver = (client: Client): Promise<boolean> =>
  client.commands().then(
    () => false,
    () => true,
  );

/** One subscription of an application: it is started again, behind the last item, until it is stopped. */
export class Subscription {
  private readonly client: Client;
  private readonly prepared: PreparedStream;
  private readonly variables: Record<string, unknown>;
  private readonly observer: Observer<unknown>;
  private readonly pauses = new Pauses();
  private readonly unwatch: readonly (() => void)[];
  /** Who is signed in. */
  private userId: string | undefined;
  /** Of the current start. */
  private id = '';
  private isOver = false;
  /** Starts in a row that brought nothing. */
  private failures = 0;

  constructor(
    client: Client,
    prepared: PreparedStream,
    variables: Record<string, unknown>,
    observer: Observer<unknown>,
  ) {
    this.client = client;
    this.prepared = prepared;
    this.variables = variables;
    this.observer = observer;
    if (prepared.after !== null) this.variables[prepared.cursorVariable] ??= prepared.after;
    const check = () => this.check();
    this.unwatch = [client.viewer.subscribe(check), client.connection.subscribe(check)];
    // Behind the return of `subscribe`, so that the observer can use it.
    queueMicrotask(check);
  }

  stop(): void {
    this.isOver = true;
    for (const unwatch of this.unwatch) unwatch();
    this.pauses.end();
    this.release();
  }

  /** Starts once it is known who is signed in, and ends with that session. */
  private check(): void {
    if (this.isOver) return;
    const userId = this.client.viewer.getSnapshot()?.id;
    const connection = this.client.connection.getSnapshot();
    if (userId !== undefined && this.userId === undefined) {
      this.userId = userId;
      void this.run(userId);
    } else if (this.userId !== userId || connection.status === 'signed-out')
      this.fail('SIGNED_OUT', 'Nobody is signed in, or somebody else.');
    else if (userId === undefined && connection.status === 'offline')
      this.fail(connection.error.code, connection.error.message);
  }

  private fail(code: string, message: string, cause?: unknown): void {
    if (this.isOver) return;
    this.stop();
    this.observer.error(new ParleyError(code, message, { cause }));
  }

  private async run(userId: string): Promise<void> {
    while (!this.isOver) {
      const verdict = await this.follow(userId).catch(verdictOnFailure);
      this.release();
      if (!verdict) return;
      this.observer.lost?.();
      const { next, pause, error } = verdict;
      if (next !== 'resume') return this.fail(error.code, error.message);
      if (pause === 'long') this.failures = Math.max(this.failures, LONG_FROM);
      await this.pauses.wait(typeof pause === 'number' ? pause : backoffMs(this.failures++));
    }
  }

  /** Over one connection, until it ends; null where the application stops it. */
  private async follow(userId: string): Promise<Verdict | null> {
    const { text } = this.prepared;
    this.id = newKey();
    while (!this.isOver) {
      // With the position as it is now: another tab may have the connection by then, and start anew.
      const call = { kind: 'pull', id: this.id, userId, text, variables: { ...this.variables } } as const;
      const pulled = (await ask(this.client, call)) as Pulled | undefined;
      if (!pulled) throw new ParleyError('CLOSED', 'Call `createDocuments` in every tab.');
      const verdict = await this.takeAll(pulled);
      if (verdict) return verdict;
    }
    return null;
  }

  private async takeAll({ responses, verdict }: Pulled): Promise<Verdict | null> {
    for (const response of responses) {
      const last = await this.take(response);
      if (last || this.isOver) return last;
    }
    return verdict;
  }

  /** Hands over an item, and keeps its position; returns what follows from it where it is the last one. */
  private async take({ data, errors = [] }: GraphQLResponse<unknown>): Promise<Verdict | null> {
    const { field, cursorVariable } = this.prepared;
    const item = (data as Record<string, Item>)[field] as Item;
    if (item.__typename === 'AuthExpiring') return null;
    if (item.__typename === 'ResyncRequired') return verdictOnResync(item);
    if (item.__typename === 'StreamClosed')
      return verdictOn({ kind: 'stream-closed', ...(item as unknown as StreamClosed) });
    this.failures = 0;
    const { cursor = null } = item;
    try {
      await this.observer.next(data, { cursor, errors });
    } catch (error) {
      this.fail('OBSERVER', 'The observer threw an error.', error);
    }
    if (cursor !== null) this.variables[cursorVariable] = cursor;
    return null;
  }

  /** Tells the tab that has the connection that nobody waits for more. Where it is gone, so is the subscription. */
  private release(): void {
    ask(this.client, { kind: 'stop', id: this.id }).catch(() => undefined);
  }
}

/** Only the application can go on: it has to read its data again. */
const verdictOnResync = ({ resyncReason: code = 'RESYNC' }: Item): Verdict => ({
  ...verdictOn({ kind: 'resync' }),
  error: { code, message: 'What was missed cannot be delivered any more. Read the data again.' },
});
