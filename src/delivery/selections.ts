import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type {
  DocumentNode,
  ExecutionResult,
  GraphQLError,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import type { Context, Services } from '../context.ts';
import type { RoomItem, StreamItem } from '../eventlog/stream.ts';
import { isTransient } from '../platform/errors.ts';
import { lookOf, Plan } from './plan.ts';
import { SharedContext } from './shared.ts';

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

/** The JSON of an `ExecutionResult`, as it goes to one subscriber. */
export type Payload = Buffer;

const RETRY_MS = 500;
// Stands for a cursor until it is known whose: unguessable, so no text that somebody wrote can contain it.
const HOLE = randomBytes(18).toString('base64url');

const isAwayError = ({ extensions, originalError }: GraphQLError) =>
  extensions['code'] === 'UNAVAILABLE' || isTransient(originalError);

const isRoomItem = (item: StreamItem): item is RoomItem =>
  'event' in item && 'roomSeq' in item.event && 'message' in item.event;

/** An event executed and serialised, for everybody who selected the same; only the cursor may differ. */
class Shared {
  private readonly parts: readonly string[];
  private lastCursor: string | null = null;
  private last: Payload | null = null;

  constructor(json: string) {
    this.parts = json.split(HOLE);
  }

  with(cursor: string): Payload {
    if (this.last && (this.lastCursor === cursor || this.parts.length === 1)) return this.last;
    this.lastCursor = cursor;
    this.last = Buffer.from(this.parts.join(cursor));
    return this.last;
  }
}

/** What some subscribers have all selected of their streams: each event is executed and serialised for them once. */
export class Selection {
  private readonly options: SelectionOptions;
  private readonly scopes: Scopes;
  private readonly plan: Plan;
  private readonly selecting: Selecting;
  /** Null: an answer for each viewer, because it depends on who looks. Lives as long as the event does. */
  private readonly rendered = new WeakMap<object, Shared | null | Promise<Shared | null>>();
  // Most ask for the same event one after the other.
  private latestEvent: object | null = null;
  private latest: Shared | null = null;

  constructor(options: SelectionOptions, scopes: Scopes, plan: Plan, selecting: Selecting) {
    this.options = options;
    this.scopes = scopes;
    this.plan = plan;
    this.selecting = selecting;
  }

  /**
   * The item as this viewer gets it. While the database is away it is waited for: an event that came as an error would
   * be lost for its receiver, whose cursor goes on.
   */
  render(item: StreamItem, ctx: Context): Payload | Promise<Payload> {
    if (!isRoomItem(item)) return this.renderFor(item, ctx);
    const shared = this.sharedOf(item);
    if (shared instanceof Promise)
      return shared.then((one) => one?.with(item.cursor) ?? this.renderFor(item, ctx));
    return shared?.with(item.cursor) ?? this.renderFor(item, ctx);
  }

  private sharedOf(item: RoomItem): Shared | null | Promise<Shared | null> {
    if (this.latestEvent === item.event && this.latest) return this.latest;
    const shared = this.find(item);
    if (shared instanceof Shared) {
      this.latestEvent = item.event;
      this.latest = shared;
    }
    return shared;
  }

  private find(item: RoomItem): Shared | null | Promise<Shared | null> {
    const known = this.rendered.get(item.event);
    if (known !== undefined) return known;
    const made = this.renderShared(item);
    this.rendered.set(item.event, made);
    const keep = (one: Shared | null) => this.rendered.set(item.event, one);
    if (made instanceof Promise) made.then(keep, () => this.rendered.delete(item.event));
    return made;
  }

  private renderShared(item: RoomItem): Shared | null | Promise<Shared | null> {
    const ctx = new SharedContext(this.options.services, this.scopes.current, item.event.people);
    const result = this.execute({ ...item, cursor: HOLE }, ctx, 'shared');
    const finish = (done: ExecutionResult) =>
      ctx.askedForViewer ? null : this.settle(item, done, (again) => this.renderShared(again), shareOf);
    return result instanceof Promise ? result.then(finish) : finish(result);
  }

  private renderFor(item: StreamItem, ctx: Context): Payload | Promise<Payload> {
    const own: Context = {
      ...ctx,
      viewer: ctx.connection.viewer,
      scope: this.scopes.current,
      position: null,
      ...(isRoomItem(item) && { people: item.event.people }),
    };
    const result = this.execute(item, own, isRoomItem(item) ? 'viewer' : 'stream');
    const finish = (done: ExecutionResult) =>
      this.settle(item, done, (again) => this.renderFor(again, ctx), payloadOf);
    return result instanceof Promise ? result.then(finish) : finish(result);
  }

  private execute(item: StreamItem, ctx: object, audience: 'shared' | 'viewer' | 'stream') {
    this.options.services.metrics.executions.inc({ audience });
    return this.plan.run(item, ctx, this.selecting.variables);
  }

  /** The answer; or another attempt, after a while where the database is away. */
  private settle<Item extends StreamItem, Answer>(
    item: Item,
    result: ExecutionResult,
    again: (item: Item) => Answer | Promise<Answer>,
    done: (result: ExecutionResult) => Answer,
  ): Answer | Promise<Answer> {
    if (result.errors?.some(isAwayError)) return this.later(() => again(item));
    const masked = this.options.mask(result, this.selecting.node);
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
const shareOf = (result: ExecutionResult) => new Shared(JSON.stringify(result));

/** Owners of loaders: whatever is rendered in the same turn of the event loop asks the database together. */
class Scopes {
  private scope: object | null = null;

  get current(): object {
    if (!this.scope) {
      this.scope = {};
      setImmediate(() => {
        this.scope = null;
      });
    }
    return this.scope;
  }
}

/** All selections that somebody uses. */
export class Selections {
  private readonly options: SelectionOptions;
  private readonly scopes = new Scopes();
  private readonly known = new Map<string, { readonly selection: Selection; users: number }>();

  constructor(options: SelectionOptions) {
    this.options = options;
  }

  /** The selection of an operation, and what to call when it is not used any more. */
  use(selecting: Selecting): { readonly selection: Selection; readonly release: () => void } {
    const key = keyOf(selecting);
    const entry = this.known.get(key) ?? { selection: this.create(selecting), users: 0 };
    this.known.set(key, entry);
    entry.users++;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      if (--entry.users === 0) this.known.delete(key);
    };
    return { selection: entry.selection, release };
  }

  private create(selecting: Selecting): Selection {
    const plan = new Plan(this.options.schema, selecting.document, selecting.node);
    return new Selection(this.options, this.scopes, plan, selecting);
  }
}

function keyOf({ document, node, variables }: Selecting): string {
  const look = Object.fromEntries(
    [...lookOf(document, node)].sort().map((name) => [name, variables?.[name]]),
  );
  return JSON.stringify([document.loc?.source.body, node.name?.value, look]);
}
