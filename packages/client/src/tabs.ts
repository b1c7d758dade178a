import type { Commands, Engine } from './engine.ts';
import { ParleyError, toParleyError } from './errors.ts';
import { newKey } from './keys.ts';
import { brokenModel, emptyModel, type Model } from './model.ts';
import { type Rows, withRows } from './rows.ts';

/** What tabs say to each other. All of them hear everything. */
type Message =
  /** A tab asks for everything there is. */
  | { readonly kind: 'hello'; readonly tab: string }
  /** The answer to that one. */
  | { readonly kind: 'all'; readonly tab: string; readonly rows: Rows }
  /** What a commit changed. */
  | { readonly kind: 'changes'; readonly rows: Rows }
  /** A tab has the connection from now on. The rows are all that it has stored. */
  | { readonly kind: 'leader'; readonly rows: Rows }
  | {
      readonly kind: 'call';
      readonly call: string;
      readonly name: keyof Commands;
      readonly args: readonly unknown[];
    }
  /** A tab begins to run that call. */
  | { readonly kind: 'taken'; readonly call: string }
  | Answer;

/** What a call has brought: a result, or an error. */
interface Answer {
  readonly kind: 'answer';
  readonly call: string;
  readonly result?: unknown;
  readonly error?: Failure;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly path?: readonly string[] | null;
  readonly retryAfterMs?: number | null;
}

interface Call {
  readonly message: Extract<Message, { kind: 'call' }>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: ParleyError) => void;
  isTaken?: boolean;
}

const MAX_KNOWN = 1_000;

/** The tab that ran a call was closed before it answered. */
const LOST: Failure = { code: 'NETWORK', message: 'No answer.' };

/** Of Web Locks, as far as it is needed. */
interface Locks {
  request(name: string, options: { signal: AbortSignal }, task: () => Promise<void>): Promise<void>;
}

export interface TabsOptions {
  readonly name: string;
  /** Starts the engine, which tells the rows of each commit. */
  readonly start: (onCommit: (rows: Rows) => void) => Promise<Engine>;
  /** Told the model whenever it changes. */
  readonly show: (model: Model) => void;
  readonly onError: (error: ParleyError) => void;
}

/**
 * One of several tabs with the same data. The tab that holds the lock is the leader: it has the engine, and with it the
 * connection and the storage. The others show what it stored, and send it their commands. When it is closed, the browser
 * gives the lock to the next one.
 */
export class Tabs {
  private readonly options: TabsOptions;
  private readonly channel: BroadcastChannel;
  private readonly id = newKey();
  private readonly calls = new Map<string, Call>();
  private readonly withdrawal = new AbortController();
  private readonly turn: Promise<void>;
  private engine: Engine | null = null;
  private model: Model | null = null;
  private resign: () => void = () => undefined;
  /** Why this tab cannot have the engine. */
  private failure: ParleyError | null = null;
  /** Calls that were run here: a tab repeats those that a new leader may have missed. */
  private readonly known = new Set<string>();
  private isClosed = false;

  constructor(options: TabsOptions) {
    this.options = options;
    this.channel = new BroadcastChannel(`parley ${options.name}`);
    this.channel.onmessage = ({ data }) => this.receive(data as Message);
    this.say({ kind: 'hello', tab: this.id });
    const { locks } = (globalThis as unknown as { navigator: { locks: Locks } }).navigator;
    this.turn = locks
      .request(`parley ${options.name}`, this.withdrawal, () => this.lead())
      .catch((error: unknown) => {
        if (!this.isClosed) this.fail(toParleyError(error, 'STORAGE'));
      });
  }

  /** The commands, to be run in whichever tab has the engine. */
  readonly commands = new Proxy({} as Commands, {
    // Not a promise, although it is awaited.
    get: (_, name) =>
      name === 'then' ? undefined : (...args: readonly unknown[]) => this.call(name as keyof Commands, args),
  });

  /**
   * Runs a command, in whichever tab has the engine. Where that tab is closed meanwhile, it is repeated, except for a
   * mutation that had begun: that fails with `NETWORK`, since it may have been carried out.
   */
  private call(name: keyof Commands, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.failure) return reject(this.failure);
      const message = { kind: 'call', call: newKey(), name, args } as const;
      this.calls.set(message.call, { message, resolve, reject });
      this.dispatch(message);
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.rejectAll(new ParleyError('CLOSED', 'Client closed.'));
    this.withdrawal.abort();
    this.resign();
    await this.turn;
    this.channel.close();
  }

  private async lead(): Promise<void> {
    if (this.isClosed) return;
    const resigned = new Promise<void>((resolve) => {
      this.resign = resolve;
    });
    const engine = await this.options.start((rows) => this.say({ kind: 'changes', rows }));
    this.engine = engine;
    const show = () => this.options.show(engine.store.getSnapshot());
    const stop = engine.store.subscribe(show);
    show();
    this.say({ kind: 'leader', rows: engine.store.storedRows() });
    this.repeat();
    await resigned;
    stop();
    this.engine = null;
    await engine.close();
  }

  private fail(error: ParleyError): void {
    this.failure = error;
    this.rejectAll(error);
    this.options.show(brokenModel(error));
    this.options.onError(error);
  }

  private rejectAll(error: ParleyError): void {
    for (const { reject } of this.calls.values()) reject(error);
    this.calls.clear();
  }

  private dispatch(message: Call['message']): void {
    if (this.engine) void this.run(message);
    else this.say(message);
  }

  /** Another tab leads: it gets what the one before has not answered. */
  private repeat(): void {
    for (const { message, isTaken } of this.calls.values())
      if (isTaken && isMutation(message)) this.settle({ call: message.call, error: LOST });
      else this.dispatch(message);
  }

  private receive(message: Message): void {
    switch (message.kind) {
      case 'hello':
        if (this.engine) this.say({ kind: 'all', tab: message.tab, rows: this.engine.store.storedRows() });
        return;
      case 'all':
        if (message.tab === this.id) this.follow(withRows(emptyModel, message.rows));
        return;
      case 'changes':
        if (this.model) this.follow(withRows(this.model, message.rows));
        return;
      case 'leader':
        this.follow(withRows(emptyModel, message.rows));
        return this.repeat();
      case 'call':
        return void this.run(message);
      case 'taken': {
        const call = this.calls.get(message.call);
        if (call) call.isTaken = true;
        return;
      }
      case 'answer':
        return this.settle(message);
    }
  }

  private follow(model: Model): void {
    this.model = model;
    if (!this.engine) this.options.show(model);
  }

  private async run({ call, name, args }: Call['message']): Promise<void> {
    const { engine } = this;
    if (!engine || this.known.has(call)) return;
    // Calls are repeated within moments, when a tab begins to lead.
    if (this.known.size > MAX_KNOWN) this.known.clear();
    this.known.add(call);
    this.say({ kind: 'taken', call });
    const command = engine[name] as (...args: unknown[]) => Promise<unknown>;
    try {
      this.answer({ kind: 'answer', call, result: await command.apply(engine, [...args]) });
    } catch (error) {
      // Aborted by the end of the engine: see `repeat`.
      if (!this.engine) return;
      const failure: Failure = toParleyError(error);
      this.answer({ kind: 'answer', call, error: { ...failure, message: failure.message } });
    }
  }

  /** To this tab or another one: only the one that called waits for it. */
  private answer(answer: Answer): void {
    this.settle(answer);
    this.say(answer);
  }

  private settle({ call: id, result, error }: Omit<Answer, 'kind'>): void {
    const call = this.calls.get(id);
    this.calls.delete(id);
    if (error) call?.reject(errorOf(error));
    else call?.resolve(result);
  }

  private say(message: Message): void {
    this.channel.postMessage(message);
  }
}

/** Whether a repetition could do something twice. A query whose variables have that word counts as one, too. */
const isMutation = ({ name, args }: Call['message']): boolean =>
  /^(register|(request|operate).*mutation)/.test(name + JSON.stringify(args));

const errorOf = ({ code, message, ...more }: Failure) => new ParleyError(code, message, more);
