import { setTimeout as delay } from 'node:timers/promises';
import type {
  DocumentNode,
  ExecutionResult,
  GraphQLError,
  GraphQLSchema,
  OperationDefinitionNode,
} from 'graphql';
import type { Context, Services, Viewpoint } from '../context.ts';
import type { EphemeralItem } from '../eventlog/kinds.ts';
import { isEphemeral, isRoomItem, type RoomItem, type StreamItem } from '../eventlog/streams/items.ts';
import type { Plan } from '../graphql/execution/plan.ts';
import { ResponseSize } from '../graphql/execution/response-size.ts';
import { isTransient } from '../platform/errors.ts';
import { TtlCache } from '../platform/ttl-cache.ts';
import { Payload } from './payload.ts';
import { SharedContext } from './shared-context.ts';
import { PlaceholderValues, SharedText } from './shared-text.ts';
import type { TurnScopes } from './turn-scopes.ts';

/** The parts of an operation that affect the text of an item. */
export interface SubscribedOperation {
  readonly document: DocumentNode;
  readonly node: OperationDefinitionNode;
  readonly variables?: Record<string, unknown> | null | undefined;
}

export interface SharedOperationOptions {
  readonly schema: GraphQLSchema;
  readonly services: Services;
  /** Removes from a failure what clients may not see. */
  readonly mask: (result: ExecutionResult, operation: OperationDefinitionNode) => ExecutionResult;
}

/**
 * Maximum for one event with its selected fields; a text has at most 10,000. A larger event comes as
 * `EventUnavailable`.
 */
export const MAX_EVENT_CHARACTERS = 100_000;

const RETRY_MS = 500;

/** How long a rendered event is kept for other subscribers: as long as a page of the log for returning clients. */
const RENDERED_MS = 1_000;

const isAwayError = ({ extensions, originalError }: GraphQLError) =>
  extensions['code'] === 'UNAVAILABLE' || isTransient(originalError);

/** The rendered forms of one event. */
class Renderings {
  shared: SharedText | null = null;
  /** Set while the shared form is being rendered. */
  making: Promise<unknown> | null = null;
  /** A field read the viewer without declaring it: each subscriber gets its own execution. */
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
  /** As of the item or later. */
  readonly viewpoint: Viewpoint;
}

/** An item that is the same for all subscribers, except for the values of the viewer. */
type Shareable = RoomItem | EphemeralItem;

const isShareable = (item: StreamItem): item is Shareable => isEphemeral(item) || isRoomItem(item);

/** The content of the item: the same object for all subscribers. */
const subjectOf = (item: Shareable) => (isEphemeral(item) ? item.ephemeral : item.event);

/** A selection that several subscribers have in common: each event is executed and serialised once for all of them. */
export class SharedOperation {
  private readonly options: SharedOperationOptions;
  private readonly scopes: TurnScopes;
  private readonly plan: Plan;
  private readonly subscribed: SubscribedOperation;
  private readonly rendered = new TtlCache<object, Renderings>(RENDERED_MS);
  // Most subscribers ask for the same event one after the other.
  private latestEvent: object | null = null;
  private latest = new Renderings();

  constructor(
    options: SharedOperationOptions,
    scopes: TurnScopes,
    plan: Plan,
    subscribed: SubscribedOperation,
  ) {
    this.options = options;
    this.scopes = scopes;
    this.plan = plan;
    this.subscribed = subscribed;
  }

  /**
   * Renders the item for a receiver. While the database is down it waits: an error instead of the event would lose it,
   * because the receiver's cursor continues.
   */
  render(item: StreamItem, to: Receiver): Payload | Promise<Payload> {
    if (!isShareable(item)) {
      if ('event' in item && item.event.changesRendered) this.forget();
      return this.renderFor(item, to);
    }
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
      // The receiver's own execution puts the error into the right place.
    }
    return this.renderFor(item, to);
  }

  /** Starts to render the item. Resolves when it is ready; null if there is nothing to wait for. */
  prepare(item: RoomItem): Promise<unknown> | null {
    const shared = this.sharedOf(this.renderingsOf(item.event), item);
    return shared instanceof Promise ? shared : null;
  }

  /** Returns null if each subscriber needs its own execution. */
  private sharedOf(known: Renderings, item: Shareable): SharedText | null | Promise<SharedText | null> {
    if (known.isPersonal || known.shared) return known.shared;
    if (known.making) return known.making.then(() => this.sharedOf(known, item));
    const made = this.renderShared(item);
    if (!(made instanceof Promise)) return known.keep(made);
    const done = () => {
      known.making = null;
    };
    // The first caller gets the error; the others try again themselves.
    known.making = made.then((shared) => known.keep(shared)).then(done, done);
    return made;
  }

  /** What comes behind this item shows values that know of it. */
  private forget(): void {
    this.rendered.clear();
    this.latestEvent = null;
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
    const open = new PlaceholderValues();
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
    open: PlaceholderValues | null = null,
  ) {
    this.options.services.metrics.executions.inc({ scope });
    const size = new ResponseSize(MAX_EVENT_CHARACTERS);
    return this.plan.run(item, ctx, this.subscribed.variables, size, open);
  }

  /** Returns the answer; or tries again, after a pause if the database is down. */
  private settle<Item extends StreamItem, Answer>(
    item: Item,
    result: ExecutionResult,
    again: (item: Item) => Answer | Promise<Answer>,
    done: (result: ExecutionResult) => Answer,
  ): Answer | Promise<Answer> {
    if (result.errors?.some(isAwayError)) return this.later(() => again(item));
    const masked = result.errors ? this.options.mask(result, this.subscribed.node) : result;
    // An event that can never be shown keeps its number, so that the log has no gap.
    if (result.errors && !result.data && isRoomItem(item) && item.kind !== 'EventUnavailable')
      return again({ ...item, kind: 'EventUnavailable' });
    return done(masked);
  }

  private async later<Answer>(attempt: () => Answer | Promise<Answer>): Promise<Answer> {
    await delay(RETRY_MS * (0.5 + Math.random()), undefined, { ref: false });
    return attempt();
  }
}

/** Copies the current viewpoint in that room, because later events may change it during a read. */
function viewpointNow(viewpoint: Viewpoint, roomId: number): Viewpoint {
  const rights = viewpoint.rightsIn(roomId);
  const unread = viewpoint.unreadIn(roomId);
  return {
    isViewer: (userId) => viewpoint.isViewer(userId),
    valueIn: (values) => viewpoint.valueIn(values),
    rightsIn: (other) => (other === roomId ? rights : viewpoint.rightsIn(other)),
    unreadIn: (other) => (other === roomId ? unread : viewpoint.unreadIn(other)),
    unreadTotals: () => viewpoint.unreadTotals(),
  };
}

const payloadOf = (result: ExecutionResult) => Payload.of(JSON.stringify(result));
