import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  DocumentNode,
  ExecutionResult,
  GraphQLError,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import { type Context, Scope, type Services, type Viewpoint } from '../context.ts';
import { isRoomItem, type RoomItem, type StreamItem } from '../eventlog/stream.ts';
import { Plan } from '../graphql/execution/plan.ts';
import { ResponseSize } from '../graphql/execution/response-size.ts';
import { isTransient, refuse } from '../platform/errors.ts';
import { Recent } from '../platform/recent.ts';
import { responseVariables } from './response-variables.ts';
import { MAX_SELECTIONS_PER_USER, SelectionQuota } from './selection-quota.ts';
import { SharedContext, ViewerClass } from './shared.ts';

/** An operation as far as it decides how an item looks. */
export interface Selecting {
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  readonly variables?: Record<string, unknown> | null | undefined;
}

export interface SelectionOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  /** What a client may see of a failure. */
  readonly mask: (result: ExecutionResult, operation: OperationDefinitionNode) => ExecutionResult;
}

/** Of one event as a subscription selects it; a text has at most 10,000. A larger one comes as `EventUnavailable`. */
export const MAX_EVENT_CHARACTERS = 100_000;

/** The JSON of an `ExecutionResult`, as it goes to one subscriber. */
export type Payload = Buffer;

const RETRY_MS = 500;
/** How long what was rendered is kept for others: as long as a page of the log for those who come back. */
const RENDERED_MS = 1_000;
// Stands for a cursor until it is known whose: unguessable, so no text that somebody wrote can contain it.
const HOLE = randomBytes(18).toString('base64url');

const isAwayError = ({ extensions, originalError }: GraphQLError) =>
  extensions['code'] === 'UNAVAILABLE' || isTransient(originalError);

/** An event executed and serialised, for all who see it alike; only the cursor may differ. */
class Shared {
  readonly viewers: ViewerClass;
  /** Around the holes. Without any, there is nothing but the bytes. */
  private readonly parts: readonly string[] | null;
  private lastCursor: string | null = null;
  private last: Payload | null = null;

  constructor(viewers: ViewerClass, json: string) {
    this.viewers = viewers;
    const parts = json.split(HOLE);
    this.parts = parts.length > 1 ? parts : null;
    if (!this.parts) this.last = Buffer.from(json);
  }

  with(cursor: string): Payload {
    if (this.last && (this.parts === null || this.lastCursor === cursor)) return this.last;
    this.lastCursor = cursor;
    this.last = Buffer.from((this.parts ?? []).join(cursor));
    return this.last;
  }
}

/** Beyond so many classes of viewers an answer is nearly personal, and to look for the right one costs more than to make it. */
const MAX_CLASSES = 32;

/** One event as it was rendered so far. */
class Renderings {
  readonly made: Shared[] = [];
  /** While one is being made nobody knows yet whom else it fits. */
  making: Promise<unknown> | null = null;
  /** It depends on who looks, in a way that classes do not tell: each viewer gets an answer of their own. */
  isPersonal = false;

  for(viewer: Viewpoint): Shared | null {
    for (const shared of this.made) if (shared.viewers.has(viewer)) return shared;
    return null;
  }

  keep(shared: Shared | null): Shared | null {
    if (shared) this.made.push(shared);
    if (!shared || this.made.length > MAX_CLASSES) this.isPersonal = true;
    return shared;
  }
}

/** Who is to get an item. */
export interface Receiver {
  readonly ctx: Context;
  /** As of that item or later. */
  readonly viewpoint: Viewpoint;
}

/** What some subscribers have all selected of their streams: each event is executed and serialised once for all who see it alike. */
export class Selection {
  private readonly options: SelectionOptions;
  private readonly scopes: Scopes;
  private readonly plan: Plan;
  private readonly selecting: Selecting;
  private readonly rendered = new Recent<object, Renderings>(RENDERED_MS);
  // Most ask for the same event one after the other.
  private latestEvent: object | null = null;
  private latest = new Renderings();

  constructor(options: SelectionOptions, scopes: Scopes, plan: Plan, selecting: Selecting) {
    this.options = options;
    this.scopes = scopes;
    this.plan = plan;
    this.selecting = selecting;
  }

  /**
   * The item as this receiver gets it. While the database is away it is waited for: an event that came as an error would
   * be lost for its receiver, whose cursor goes on.
   */
  render(item: StreamItem, to: Receiver): Payload | Promise<Payload> {
    if (!isRoomItem(item)) return this.renderFor(item, to);
    const shared = this.sharedFor(item, to.viewpoint);
    if (shared instanceof Promise)
      return shared.then((one) => one?.with(item.cursor) ?? this.renderFor(item, to));
    return shared?.with(item.cursor) ?? this.renderFor(item, to);
  }

  /** Begins to render what this receiver shares with others. Resolves when it is there; null where there is nothing to wait for. */
  prepare(item: RoomItem, { viewpoint }: Receiver): Promise<unknown> | null {
    const shared = this.sharedFor(item, viewpoint);
    return shared instanceof Promise ? shared : null;
  }

  private sharedFor(item: RoomItem, viewer: Viewpoint): Shared | null | Promise<Shared | null> {
    return this.sharedOf(this.renderingsOf(item.event), item, viewer);
  }

  /** Whoever waits does so for these renderings, however long it takes and whether they are kept for others or not. */
  private sharedOf(
    known: Renderings,
    item: RoomItem,
    viewer: Viewpoint,
  ): Shared | null | Promise<Shared | null> {
    if (known.isPersonal) return null;
    const fitting = known.for(viewer);
    if (fitting) return fitting;
    if (known.making) return known.making.then(() => this.sharedOf(known, item, viewer));
    const made = this.renderShared(item, viewer);
    if (!(made instanceof Promise)) return known.keep(made);
    const done = () => {
      known.making = null;
    };
    // Why it could not be made is told to whoever began; the others try for themselves.
    known.making = made.then((shared) => known.keep(shared)).then(done, done);
    return made;
  }

  private renderingsOf(event: object): Renderings {
    if (this.latestEvent === event) return this.latest;
    const known = this.rendered.get(event) ?? new Renderings();
    this.rendered.set(event, known);
    this.latestEvent = event;
    this.latest = known;
    return known;
  }

  private renderShared(item: RoomItem, viewer: Viewpoint): Shared | null | Promise<Shared | null> {
    const viewers = new ViewerClass(viewer);
    const ctx = new SharedContext(this.options.services, this.scopes.current, item.event.people, viewers);
    const shown = item.isForAll ? item : { ...item, cursor: HOLE };
    const result = this.execute(shown, ctx, 'shared');
    const share = (done: ExecutionResult) => new Shared(viewers.close(), JSON.stringify(done));
    const finish = (done: ExecutionResult) =>
      ctx.askedForViewer ? null : this.settle(item, done, (again) => this.renderShared(again, viewer), share);
    return result instanceof Promise ? result.then(finish) : finish(result);
  }

  private renderFor(item: StreamItem, to: Receiver): Payload | Promise<Payload> {
    const { ctx } = to;
    const own: Context = {
      ...ctx,
      viewer: ctx.connection.viewer,
      scope: this.scopes.current,
      position: null,
      ...(isRoomItem(item) && { people: item.event.people }),
    };
    const result = this.execute(item, own, isRoomItem(item) ? 'viewer' : 'stream');
    const finish = (done: ExecutionResult) =>
      this.settle(item, done, (again) => this.renderFor(again, to), payloadOf);
    return result instanceof Promise ? result.then(finish) : finish(result);
  }

  private execute(item: StreamItem, ctx: object, audience: 'shared' | 'viewer' | 'stream') {
    this.options.services.metrics.executions.inc({ audience });
    const size = new ResponseSize(MAX_EVENT_CHARACTERS);
    return this.plan.run(item, ctx, this.selecting.variables, size);
  }

  /** The answer; or another attempt, after a while where the database is away. */
  private settle<Item extends StreamItem, Answer>(
    item: Item,
    result: ExecutionResult,
    again: (item: Item) => Answer | Promise<Answer>,
    done: (result: ExecutionResult) => Answer,
  ): Answer | Promise<Answer> {
    if (result.errors?.some(isAwayError)) return this.later(() => again(item));
    const masked = result.errors ? this.options.mask(result, this.selecting.node) : result;
    // What can never be shown keeps its number, so that the log stays dense.
    if (result.errors && !result.data && isRoomItem(item) && item.kind !== 'EventUnavailable')
      return again({ ...item, kind: 'EventUnavailable' });
    return done(masked);
  }

  private async later<Answer>(attempt: () => Answer | Promise<Answer>): Promise<Answer> {
    await delay(RETRY_MS * (0.5 + Math.random()), undefined, { ref: false });
    return attempt();
  }
}

const payloadOf = (result: ExecutionResult): Payload => Buffer.from(JSON.stringify(result));

/** Owners of loaders: whatever is rendered in the same turn of the event loop asks the database together. */
class Scopes {
  private scope: Scope | null = null;

  get current(): Scope {
    if (!this.scope) {
      this.scope = new Scope();
      setImmediate(() => {
        this.scope = null;
      });
    }
    return this.scope;
  }
}

/** A selection, as long as one subscription uses it. */
interface UsedSelection {
  readonly selection: Selection;
  readonly release: () => void;
}

interface InUse {
  readonly key: string;
  readonly selection: Selection;
  users: number;
}

/** All selections that somebody uses. */
export class Selections {
  private readonly options: SelectionOptions;
  private readonly scopes = new Scopes();
  private readonly known = new Map<string, InUse>();
  private readonly quota = new SelectionQuota();

  constructor(options: SelectionOptions) {
    this.options = options;
  }

  /**
   * The selection of an operation, and what to call when it is not used any more.
   * @throws RateLimitedError where the person uses too many different ones
   */
  use(selecting: Selecting, userId: number | null): UsedSelection {
    const key = keyOf(selecting);
    if (userId !== null && !this.quota.add(userId, key))
      throw refuse(
        'RATE_LIMITED',
        `Your subscriptions select more than ${MAX_SELECTIONS_PER_USER} different things.`,
      );
    const entry = this.known.get(key) ?? { key, selection: this.create(selecting), users: 0 };
    this.known.set(key, entry);
    entry.users++;
    return { selection: entry.selection, release: this.releaseOf(entry, userId) };
  }

  /** Once. (A function of its own: what it holds, it holds for each subscription; the key that was asked by is long.) */
  private releaseOf(entry: InUse, userId: number | null): () => void {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      if (userId !== null) this.quota.delete(userId, entry.key);
      if (--entry.users === 0) this.known.delete(entry.key);
    };
  }

  private create(selecting: Selecting): Selection {
    const { document, node, variables } = selecting;
    const plan = new Plan(this.options.schema, document, node, { variables });
    return new Selection(this.options, this.scopes, plan, selecting);
  }
}

function keyOf({ document, node, variables }: Selecting): string {
  const shown = Object.fromEntries(
    [...responseVariables(document, node)].sort().map((name) => [name, variables?.[name]]),
  );
  return JSON.stringify([document.loc?.source.body, node.name?.value, shown]);
}
