import type { Settings } from './config.ts';
import type { EphemeralChannel } from './eventlog/ephemeral/channel.ts';
import type { LogFollower } from './eventlog/follower/log-follower.ts';
import type { PersonRecord, Rights, Unread, UnreadTotals } from './eventlog/kinds.ts';
import type { Position } from './eventlog/streams/inbox-position.ts';
import type { CloseReason } from './eventlog/streams/items.ts';
import type { Stream } from './eventlog/streams/stream.ts';
import type { Bus } from './platform/bus.ts';
import type { Changes } from './platform/changes.ts';
import type { Database } from './platform/db.ts';
import { refuse, unauthenticated } from './platform/errors.ts';
import { createLimits, type Limits, type Rate } from './platform/rate-limit.ts';
import type { Log, Metrics } from './platform/telemetry.ts';

export type LimitName =
  | 'post'
  | 'change'
  | 'search'
  | 'typing'
  | 'mark'
  | 'location'
  | 'login'
  | 'register'
  /** Of one network: guests who join, and previews of invites. */
  | 'guest'
  | 'invite'
  | 'refresh'
  /** Of one network: requests that send a mail, and tokens of mails. */
  | 'mail'
  | 'mailToken'
  /** Of all signed-in users, and of all other clients: requests that send a mail. */
  | 'mails'
  /** Of one person: points of all operations. */
  | 'cost'
  /** Of one network: points of requests without a token. */
  | 'documents'
  | 'signIn'
  | 'sockets'
  /** Of all such requests together. */
  | 'anonymous';

/** What one node has and every rule may use. There are no module-level singletons: two nodes fit in one process. */
export interface Services {
  readonly settings: Settings;
  readonly db: Database;
  /** Changes of rooms and accounts that are not batched: roles, removals, names. Batched ones: `changes/make-change.ts`. */
  readonly changes: Changes;
  /** Null where the node is the only one. */
  readonly bus: Bus | null;
  readonly logFollower: LogFollower;
  /** Values that last for a moment, beside the log. */
  readonly ephemeral: EphemeralChannel;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits: Limits<LimitName>;
  /** Keys of access tokens: the first signs, all are accepted. */
  readonly secrets: readonly string[];
}

/** Of one user: clients repeat `setTyping` every three seconds, in one or two rooms. */
const TYPING_RATE: Rate = { points: 2, perSeconds: 1, burst: 8 };

/** Of one user: a client marks what is read, and acknowledges what has arrived, about once a second on each device. */
const MARK_RATE: Rate = { points: 10, perSeconds: 1, burst: 40 };

/** Of one user: a client sends where it is once a second, of one or two live locations. */
const LOCATION_RATE: Rate = { points: 1, perSeconds: 1, burst: 4 };

/** Of one network: the page of an invite asks for one preview. */
export const INVITE_RATE: Rate = { points: 1, perSeconds: 1, burst: 59 };

/** Of one network: a link is opened once. */
export const MAIL_TOKEN_RATE: Rate = { points: 30, perSeconds: 60 };

export function createNodeLimits(settings: Settings): Limits<LimitName> {
  const ofAddress = atOnce(settings.ADDRESS_COST_PER_SECOND, settings.ADDRESS_COST_BURST);
  return createLimits<LimitName>({
    post: { points: settings.POSTS_PER_SECOND, perSeconds: 1, burst: settings.POSTS_BURST },
    change: { points: settings.CHANGES_PER_SECOND, perSeconds: 1, burst: settings.CHANGES_BURST },
    search: { points: settings.SEARCHES_PER_SECOND, perSeconds: 1, burst: settings.SEARCHES_BURST },
    typing: TYPING_RATE,
    mark: MARK_RATE,
    location: LOCATION_RATE,
    login: { points: settings.LOGINS_PER_MINUTE, perSeconds: 60 },
    register: { points: settings.REGISTRATIONS_PER_HOUR, perSeconds: 3600 },
    guest: { points: settings.GUESTS_PER_HOUR, perSeconds: 3600 },
    invite: INVITE_RATE,
    refresh: { points: 60, perSeconds: 60 },
    mail: { points: settings.MAIL_REQUESTS_PER_HOUR, perSeconds: 3600 },
    mailToken: MAIL_TOKEN_RATE,
    mails: { points: settings.MAIL_REQUESTS_PER_MINUTE, perSeconds: 60 },
    cost: atOnce(settings.COST_PER_SECOND, settings.COST_BURST),
    documents: ofAddress,
    signIn: ofAddress,
    sockets: ofAddress,
    anonymous: atOnce(settings.ANONYMOUS_COST_PER_SECOND, settings.ANONYMOUS_COST_BURST),
  });
}

/** `most` is what may be spent at once, not what comes on top of a second's points. */
function atOnce(perSecond: number, most: number): Rate {
  return { points: perSecond, perSeconds: 1, burst: Math.max(0, most - perSecond) };
}

/** Who asks, as the access token says. */
export interface Viewer {
  readonly userId: number;
  readonly sessionId: number;
  /** When the access token ends, in ms since 1970. */
  readonly expiresAt: number;
  /** True for a guest, who is a member of one room and reaches nothing else. */
  readonly isGuest?: true;
}

/** The connection that carries an operation: a WebSocket, or one HTTP request (SSE). */
export interface Connection {
  /** The viewer now: `refreshStreamAuth` may have swapped the token since the operation began. */
  readonly viewer: Viewer | null;
  readonly isSocket: boolean;
  /** What the client says of itself, with the request or with the handshake. */
  readonly userAgent: string | null;
  /**
   * Whether its client gave up while this node stood still. What it asked for has been done elsewhere meanwhile; done
   * once more, later, it would undo what followed.
   */
  isAbandoned(): Promise<boolean>;
  /** Registers a live stream: it is told of expiry, revocation and drain. Returns its removal; null when there are too many. */
  addStream(stream: Stream): (() => void) | null;
  /** Puts another access token in the place of the one the socket was opened with. */
  swapViewer(viewer: Viewer): void;
  /** Ends every stream of it with that reason. */
  endStreams(reason: CloseReason): void;
}

/** The facts of a viewer that fields in shared executions may depend on. */
export interface Viewpoint {
  isViewer(userId: number): boolean;
  /** The value of that person in a map by user ids. */
  valueIn<Value>(values: ReadonlyMap<number, Value>): Value | undefined;
  /** Null in rooms that the person is no member of. */
  rightsIn(roomId: number): Rights | null;
  /** As of the item that is shown or later. Null in rooms that the person is no member of, and where nobody asked for it. */
  unreadIn(roomId: number): Unread | null;
  /** Of all rooms; null where nobody asked for it. */
  unreadTotals(): UnreadTotals | null;
}

/**
 * What loaders belong to, with all they have read. It is ended with its operation, because the context lives longer: as
 * the key of a weak map (of Pothos' scopes) it and what it leads to survive the next collection of young garbage.
 */
export class Scope {
  private readonly kept = new Map<symbol, unknown>();

  /** What is there under that name; made when first asked for. */
  keep<Value>(name: symbol, make: () => Value): Value {
    const known = this.kept.get(name);
    if (known !== undefined) return known as Value;
    const value = make();
    this.kept.set(name, value);
    return value;
  }

  /** Nobody waits for anything of it any more. */
  end(): void {
    this.kept.clear();
  }
}

/** What every resolver and rule gets. One per operation; in a subscription, one per event. */
export interface Context {
  readonly node: Services;
  /** Of the connection; below a mutation that signs somebody in, that person. */
  viewer: Viewer | null;
  readonly connection: Connection;
  /** The client's address, for limits. */
  readonly ip: string;
  /** Names this operation in the log and in masked errors. */
  readonly correlationId: string;
  /**
   * Owner of the loaders: the operation, or the event that many subscribers share. Every mutation of a document puts a
   * new one, so that what it returns is read after it.
   */
  scope: Scope;
  /** Present in streams, which know the viewer's rights: pages ask the database. */
  readonly viewpoint?: Viewpoint;
  /** Whom the event that is shown names. */
  readonly people?: readonly PersonRecord[];
  /** Whether the document selects a position to subscribe from (`Viewer.inboxCursor`, `Room.cursor`). */
  readonly asksForPosition: boolean;
  /** Whether the document selects numbers of unread messages: a stream then keeps count of them. */
  readonly asksForUnread: boolean;
  /** That position, taken before anything else was read: at the start of a query, after the change of a mutation. */
  position: Position | null;
}

/** A context whose viewer is present: the compiler refuses a rule called by a stranger. */
export type SignedIn = Context & { readonly viewer: Viewer };

/** @throws GraphQLError UNAUTHENTICATED */
export function signedIn(ctx: Context): SignedIn {
  if (!ctx.viewer) throw unauthenticated();
  return ctx as SignedIn;
}

/** The refusal of everything that is not for guests. */
export const notForGuests = () =>
  refuse('PERMISSION_DENIED', 'Guests cannot do this. Make the account permanent first.');

/**
 * The viewer with an account.
 * @throws GraphQLError UNAUTHENTICATED, PermissionDeniedError for guests
 */
export function withAccount(ctx: Context): SignedIn {
  const viewer = signedIn(ctx);
  if (viewer.viewer.isGuest) throw notForGuests();
  return viewer;
}

/**
 * One loader per scope: data that looks the same to everybody, read once for all who share the scope. It is given no
 * more than the node: the first caller must not decide what the others see.
 */
export function perScope<Value>(make: (ctx: Pick<Context, 'node'>) => Value): (ctx: Context) => Value {
  const name = Symbol();
  return ({ scope, node }) => scope.keep(name, () => make({ node }));
}

/** One loader per operation, or per event of one subscriber: data that depends on who asks. */
export function perViewer<Value>(make: (ctx: Context) => Value): (ctx: Context) => Value {
  const name = Symbol();
  return (ctx) => {
    const ofViewers = ctx.scope.keep(name, () => new Map<Context, Value>());
    const value = ofViewers.get(ctx) ?? make(ctx);
    ofViewers.set(ctx, value);
    return value;
  };
}
