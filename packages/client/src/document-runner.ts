import { Deliveries } from './deliveries.ts';
import type { NewDraft } from './draft-entries.ts';
import { DraftSync } from './draft-sync.ts';
import { type Verdict, verdictOn } from './ending.ts';
import type { Engine, Extension } from './engine.ts';
import { isTemporary, ParleyError, toParleyError } from './errors.ts';
import type { TypedText } from './generated/documents.ts';
import type { GraphQLResponse } from './http.ts';
import { backoffMs, Pauses } from './pause.ts';
import { endingOf, errorOf, type Socket } from './socket.ts';

/** What a tab asks of the one that has the connection. */
export type Call =
  | RequestCall
  | PullCall
  | { readonly kind: 'stop'; readonly id: string }
  /** Never answered: the next tab that has the connection gets it, too. */
  | { readonly kind: 'acknowledge' }
  | { readonly kind: 'sync-drafts' }
  | { readonly kind: 'draft'; readonly draft: NewDraft };

interface RequestCall {
  readonly kind: 'request';
  readonly text: string;
  readonly variables: unknown;
  readonly isQuery: boolean;
}

/** Asks for the next items of a subscription, which is started where there is none of that id. */
interface PullCall {
  readonly kind: 'pull';
  readonly id: string;
  readonly userId: string;
  readonly text: string;
  readonly variables: unknown;
}

export interface Pulled {
  readonly responses: readonly GraphQLResponse<unknown>[];
  /** Why nothing follows; null where something may. */
  readonly verdict: Verdict | null;
}

/** A pull without news is answered after this time, in milliseconds, so that a tab that vanished is noticed. */
const HOLD_MS = 20_000;
/** A subscription that nobody pulls ends after this time, in milliseconds. */
const LEASE_MS = 30_000;
/** A subscription that is pulled too slowly ends, and is resumed from where the application is. */
const MAX_QUEUED = 1_000;
/** A query without an answer is asked so many times over HTTP, with the pauses of the client. */
const QUERY_ATTEMPTS = 3;
/** Longer requests go over HTTP: a message of more than 64 KiB would end the connection. */
const MAX_SOCKET_CHARACTERS = 16_000;
/** More requests go over HTTP: too many messages would end the connection. */
const MAX_SOCKET_REQUESTS_PER_SECOND = 100;

/** Runs the documents of an application over the connection of the client, in the tab that has it. */
export class Runner implements Extension {
  private readonly engine: Engine;
  private readonly onError: (error: ParleyError) => void;
  private readonly followings = new Map<string, Following>();
  /** Requests that wait for an answer over the connection. */
  private readonly unanswered = new Set<() => void>();
  private readonly pauses = new Pauses();
  private readonly rate = { since: 0, count: 0 };
  private deliveries: Deliveries | undefined;
  private drafts: DraftSync | undefined;

  constructor(engine: Engine, onError: (error: ParleyError) => void) {
    this.engine = engine;
    this.onError = onError;
  }

  run(call: unknown): Promise<unknown> {
    const asked = call as Call;
    switch (asked.kind) {
      case 'request':
        return this.request(asked);
      case 'pull':
        return this.pull(asked);
      case 'stop':
        this.drop(asked.id);
        return Promise.resolve(null);
      case 'acknowledge':
        this.deliveries ??= new Deliveries(this.engine);
        return new Promise(() => undefined);
      case 'sync-drafts':
        this.syncDrafts();
        return new Promise(() => undefined);
      case 'draft':
        return this.syncDrafts().put(asked.draft);
    }
  }

  connect(socket: Socket | null): void {
    for (const giveUp of [...this.unanswered]) giveUp();
    for (const following of this.followings.values()) following.connect(socket);
    this.deliveries?.wake();
    this.drafts?.connect();
  }

  close(): void {
    this.deliveries?.close();
    this.drafts?.close();
    this.connect(null);
    this.pauses.end();
    for (const id of [...this.followings.keys()]) this.drop(id);
  }

  private syncDrafts(): DraftSync {
    this.drafts ??= new DraftSync(this.engine, this.onError);
    return this.drafts;
  }

  /** Over the connection while it is live, otherwise over HTTP. */
  private async request({ text, variables, isQuery }: RequestCall): Promise<GraphQLResponse<unknown>> {
    const { socket, sessions } = this.engine;
    const query = text as TypedText<unknown, unknown>;
    if (socket && this.mayUseSocket(text, variables)) {
      const response = await this.ask(socket, query, variables);
      if (response) return response;
      if (!isQuery) throw new ParleyError('NETWORK', 'The connection ended before the answer came.');
    }
    return isQuery ? this.query(query, variables) : sessions.respond(query, variables);
  }

  private async query(
    query: TypedText<unknown, unknown>,
    variables: unknown,
  ): Promise<GraphQLResponse<unknown>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.engine.sessions.respond(query, variables);
      } catch (error) {
        if (attempt === QUERY_ATTEMPTS || toParleyError(error, 'NETWORK').code !== 'NETWORK') throw error;
        await this.pauses.wait(backoffMs(attempt));
      }
    }
  }

  private mayUseSocket(text: string, variables: unknown): boolean {
    const now = performance.now();
    if (now - this.rate.since > 1_000) Object.assign(this.rate, { since: now, count: 0 });
    if (text.length + (JSON.stringify(variables) ?? '').length > MAX_SOCKET_CHARACTERS) return false;
    return ++this.rate.count <= MAX_SOCKET_REQUESTS_PER_SECOND;
  }

  /** Null where there is no answer: the connection ended, or it takes too long. */
  private ask(
    socket: Socket,
    query: TypedText<unknown, unknown>,
    variables: unknown,
  ): Promise<GraphQLResponse<unknown> | null> {
    return new Promise((resolve) => {
      const settle = (response: GraphQLResponse<unknown> | null) => {
        clearTimeout(timer);
        this.unanswered.delete(giveUp);
        resolve(response);
      };
      const giveUp = () => {
        stop();
        settle(null);
      };
      const timer = setTimeout(giveUp, this.engine.sessions.endpoint.timeoutMs);
      this.unanswered.add(giveUp);
      const onEnd = (problem?: unknown) => settle(Array.isArray(problem) ? { errors: problem } : null);
      const stop = socket.observe(query, variables, onEnd, settle);
    });
  }

  private async pull({ id, userId, text, variables }: PullCall): Promise<Pulled> {
    if (this.engine.sessions.current?.userId !== userId)
      throw new ParleyError('SIGNED_OUT', 'Somebody else is signed in, or nobody.');
    const following = this.followings.get(id) ?? this.follow(id, text, variables);
    const pulled = await following.pull();
    if (pulled.verdict) this.drop(id);
    return pulled;
  }

  private follow(id: string, text: string, variables: unknown): Following {
    const following = new Following(text as TypedText<unknown, unknown>, variables, () => this.drop(id));
    this.followings.set(id, following);
    following.connect(this.engine.socket);
    return following;
  }

  private drop(id: string): void {
    this.followings.get(id)?.close();
    this.followings.delete(id);
  }
}

/** The connection ended. The client makes another one as soon as it may, so this waits no longer. */
const LOST: Verdict = { ...verdictOn({ kind: 'closed', code: 1006, reason: '' }), pause: 0 };

/** One subscription over one connection, and what arrived of it and was not pulled yet. */
class Following {
  private readonly query: TypedText<unknown, unknown>;
  private readonly variables: unknown;
  private readonly onForgotten: () => void;
  private queue: GraphQLResponse<unknown>[] = [];
  private verdict: Verdict | null = null;
  private stop: (() => void) | null = null;
  private lease: ReturnType<typeof setTimeout> | undefined;
  private wake: () => void = () => undefined;

  constructor(query: TypedText<unknown, unknown>, variables: unknown, onForgotten: () => void) {
    this.query = query;
    this.variables = variables;
    this.onForgotten = onForgotten;
  }

  /** Starts with the first connection there is, and ends with it. */
  connect(socket: Socket | null): void {
    if (this.stop) return this.end(LOST);
    if (!socket || this.verdict) return;
    const onEnd = (problem?: unknown) => this.end(verdictOf(problem));
    this.stop = socket.observe(this.query, this.variables, onEnd, (response) => this.receive(response));
  }

  /** What arrived, as soon as there is something. */
  async pull(): Promise<Pulled> {
    clearTimeout(this.lease);
    if (this.queue.length === 0 && !this.verdict) await this.news();
    this.lease = setTimeout(this.onForgotten, LEASE_MS);
    return { responses: this.queue.splice(0), verdict: this.verdict };
  }

  close(): void {
    this.end(LOST);
    clearTimeout(this.lease);
  }

  private receive(response: GraphQLResponse<unknown>): void {
    if (this.verdict) return;
    if (!response.data) return this.end(verdictOf(response.errors));
    this.queue.push(response);
    if (this.queue.length >= MAX_QUEUED) this.end(LOST);
    this.wake();
  }

  private end(verdict: Verdict): void {
    this.verdict ??= verdict;
    // Not within a response: graphql-ws would count the end of the operation twice, and close the connection.
    if (this.stop) queueMicrotask(this.stop);
    this.wake();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(finish, HOLD_MS);
      this.wake = finish;
    });
  }
}

/** What follows from the end of a subscription; without a problem it just ended. */
function verdictOf(problem: unknown): Verdict {
  const ending = endingOf(problem);
  return ending.kind === 'closed' ? LOST : verdictOnFailure(errorOf(problem));
}

/** The rules of the client for what can be repeated; all else is final. */
export function verdictOnFailure(problem: unknown): Verdict {
  const error = toParleyError(problem, 'NETWORK');
  const verdict = verdictOn({ kind: 'failed', error });
  return isTemporary(error) ? verdict : { ...verdict, next: 'stop' };
}
