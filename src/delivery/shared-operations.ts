import { setTimeout as delay } from 'node:timers/promises';
import type {
  DocumentNode,
  ExecutionResult,
  GraphQLError,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import { type Context, Scope, type Services, type Viewpoint } from '../context.ts';
import type { EphemeralItem } from '../eventlog/kinds.ts';
import { isEphemeral, isRoomItem, type RoomItem, type StreamItem } from '../eventlog/streams/stream.ts';
import { Plan } from '../graphql/execution/plan.ts';
import { ResponseSize } from '../graphql/execution/response-size.ts';
import { isTransient, refuse } from '../platform/errors.ts';
import { TtlCache } from '../platform/ttl-cache.ts';
import { MAX_OPERATIONS_PER_USER, OperationQuota } from './operation-quota.ts';
import { Payload } from './payload.ts';
import { responseVariables } from './response-variables.ts';
import { SharedContext } from './shared-context.ts';
import { OpenValues, SharedText } from './shared-text.ts';

/** An operation as far as it decides how an item looks. */
export interface SubscribedOperation {
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  readonly variables?: Record<string, unknown> | null | undefined;
}

export interface SharedOperationOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  /** What a client may see of a failure. */
  readonly mask: (result: ExecutionResult, operation: OperationDefinitionNode) => ExecutionResult;
}

/** Of one event as a subscription selects it; a text has at most 10,000. A larger one comes as `EventUnavailable`. */
export const MAX_EVENT_CHARACTERS = 100_000;

const RETRY_MS = 500;
/** How long what was rendered is kept for others: as long as a page of the log for those who come back. */
const RENDERED_MS = 1_000;
const isAwayError = ({ extensions, originalError }: GraphQLError) =>
  extensions['code'] === 'UNAVAILABLE' || isTransient(originalError);

/** One event as it was rendered so far. */
class Renderings {
  shared: SharedText | null = null;
  /** While the shared one is being made. */
  making: Promise<unknown> | null = null;
  /** A field read the viewer and had not declared how: each subscriber gets an execution of its own. */
  isPersonal = false;

  keep(shared: SharedText | null): SharedText | null {
    this.shared = shared;
    this.isPersonal = shared === null;
    return shared;
  }
}

/** The subscriber that gets an item. */
export interface Receiver {
  readonly ctx: Context;
  /** As of that item or later. */
  readonly viewpoint: Viewpoint;
}

/** An item that looks the same to all subscribers, but for the values of the viewer. */
type Shareable = RoomItem | EphemeralItem;

const isShareable = (item: StreamItem): item is Shareable => isEphemeral(item) || isRoomItem(item);

/** What the item shows: the same object for all subscribers. */
const subjectOf = (item: Shareable) => (isEphemeral(item) ? item.ephemeral : item.event);

/** What some subscribers have all selected of their streams: each event is executed and serialised once for all of them. */
export class SharedOperation {
  private readonly options: SharedOperationOptions;
  private readonly scopes: Scopes;
  private readonly plan: Plan;
  private readonly subscribed: SubscribedOperation;
  private readonly rendered = new TtlCache<object, Renderings>(RENDERED_MS);
  // Most ask for the same event one after the other.
  private latestEvent: object | null = null;
  private latest = new Renderings();

  constructor(options: SharedOperationOptions, scopes: Scopes, plan: Plan, subscribed: SubscribedOperation) {
    this.options = options;
    this.scopes = scopes;
    this.plan = plan;
    this.subscribed = subscribed;
  }

  /**
   * The item as this receiver gets it. While the database is away it is waited for: an event that came as an error would
   * be lost for its receiver, whose cursor goes on.
   */
  render(item: StreamItem, to: Receiver): Payload | Promise<Payload> {
    if (!isShareable(item)) return this.renderFor(item, to);
    const subject = subjectOf(item);
    const shared = this.sharedOf(this.renderingsOf(subject), item);
    if (!(shared instanceof Promise)) return this.fill(shared, item, to);
    const then = { ...to, viewpoint: viewpointNow(to.viewpoint, subject.roomId) };
    return shared.then((text) => this.fill(text, item, then));
  }

  private fill(text: SharedText | null, item: Shareable, to: Receiver): Payload | Promise<Payload> {
    try {
      if (text) return text.for(to.viewpoint, 'cursor' in item ? item.cursor : '');
    } catch {
      // An execution of its own puts the error where it belongs.
    }
    return this.renderFor(item, to);
  }

  /** Begins to render the item. Resolves when it is there; null where there is nothing to wait for. */
  prepare(item: RoomItem): Promise<unknown> | null {
    const shared = this.sharedOf(this.renderingsOf(item.event), item);
    return shared instanceof Promise ? shared : null;
  }

  /** Null where each subscriber needs an execution of its own. */
  private sharedOf(known: Renderings, item: Shareable): SharedText | null | Promise<SharedText | null> {
    if (known.isPersonal || known.shared) return known.shared;
    if (known.making) return known.making.then(() => this.sharedOf(known, item));
    const made = this.renderShared(item);
    if (!(made instanceof Promise)) return known.keep(made);
    const done = () => {
      known.making = null;
    };
    // The first to ask is told why it failed; the others try for themselves.
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

  private renderShared(item: Shareable): SharedText | null | Promise<SharedText | null> {
    const open = new OpenValues();
    const { people } = subjectOf(item);
    const ctx = new SharedContext(this.options.services, this.scopes.current, people);
    const shown = isEphemeral(item) || item.isForAll ? item : { ...item, cursor: open.cursor };
    const result = this.execute(shown, ctx, 'shared', open);
    const share = (done: ExecutionResult) => new SharedText(JSON.stringify(done), open);
    const finish = (done: ExecutionResult) =>
      ctx.askedForViewer ? null : this.settle(item, done, (again) => this.renderShared(again), share);
    return result instanceof Promise ? result.then(finish) : finish(result);
  }

  private renderFor(item: StreamItem, to: Receiver): Payload | Promise<Payload> {
    const { ctx } = to;
    const own: Context = {
      ...ctx,
      viewer: ctx.connection.viewer,
      scope: this.scopes.current,
      position: null,
      ...(isShareable(item) && { people: subjectOf(item).people, viewpoint: to.viewpoint }),
    };
    const result = this.execute(item, own, isShareable(item) ? 'viewer' : 'stream');
    const finish = (done: ExecutionResult) =>
      this.settle(item, done, (again) => this.renderFor(again, to), payloadOf);
    return result instanceof Promise ? result.then(finish) : finish(result);
  }

  private execute(
    item: StreamItem,
    ctx: object,
    scope: 'shared' | 'viewer' | 'stream',
    open: OpenValues | null = null,
  ) {
    this.options.services.metrics.executions.inc({ scope });
    const size = new ResponseSize(MAX_EVENT_CHARACTERS);
    return this.plan.run(item, ctx, this.subscribed.variables, size, open);
  }

  /** The answer; or another attempt, after a while where the database is away. */
  private settle<Item extends StreamItem, Answer>(
    item: Item,
    result: ExecutionResult,
    again: (item: Item) => Answer | Promise<Answer>,
    done: (result: ExecutionResult) => Answer,
  ): Answer | Promise<Answer> {
    if (result.errors?.some(isAwayError)) return this.later(() => again(item));
    const masked = result.errors ? this.options.mask(result, this.subscribed.node) : result;
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

/** The viewpoint in that room as it is now, whatever later events change while something is read. */
function viewpointNow(viewpoint: Viewpoint, roomId: number): Viewpoint {
  const rights = viewpoint.rightsIn(roomId);
  return {
    isViewer: (userId) => viewpoint.isViewer(userId),
    rightsIn: (other) => (other === roomId ? rights : viewpoint.rightsIn(other)),
  };
}

const payloadOf = (result: ExecutionResult) => Payload.of(JSON.stringify(result));

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

/** A shared operation, as long as one subscription uses it. */
interface UsedOperation {
  readonly operation: SharedOperation;
  readonly release: () => void;
}

interface InUse {
  readonly key: string;
  readonly operation: SharedOperation;
  users: number;
}

/** All operations that somebody has subscribed with. */
export class SharedOperations {
  private readonly options: SharedOperationOptions;
  private readonly scopes = new Scopes();
  private readonly known = new Map<string, InUse>();
  private readonly quota = new OperationQuota();

  constructor(options: SharedOperationOptions) {
    this.options = options;
  }

  /**
   * The shared operation for a subscription, and what to call when it is not used any more.
   * @throws RateLimitedError where the person uses too many different ones
   */
  use(subscribed: SubscribedOperation, userId: number | null): UsedOperation {
    const key = keyOf(subscribed);
    if (userId !== null && !this.quota.add(userId, key))
      throw refuse(
        'RATE_LIMITED',
        `Your subscriptions use more than ${MAX_OPERATIONS_PER_USER} different selections.`,
      );
    const entry = this.known.get(key) ?? { key, operation: this.create(subscribed), users: 0 };
    this.known.set(key, entry);
    entry.users++;
    return { operation: entry.operation, release: this.releaseOf(entry, userId) };
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

  private create(subscribed: SubscribedOperation): SharedOperation {
    const { document, node, variables } = subscribed;
    const plan = new Plan(this.options.schema, document, node, { variables });
    return new SharedOperation(this.options, this.scopes, plan, subscribed);
  }
}

function keyOf({ document, node, variables }: SubscribedOperation): string {
  const shown = Object.fromEntries(
    [...responseVariables(document, node)].sort().map((name) => [name, variables?.[name]]),
  );
  return JSON.stringify([document.loc?.source.body, node.name?.value, shown]);
}
