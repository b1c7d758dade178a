import type { Connection, Context, Scope, Services, Viewer, Viewpoint } from '../context.ts';
import type { PersonRecord, Rights } from '../eventlog/kinds.ts';

/** Thrown to a resolver that asks who looks, where many look at once. */
class ManyViewers extends Error {
  constructor() {
    super('this is executed for many viewers at once');
  }
}

const isAlike = (one: Rights | null, other: Rights | null) =>
  one === other ||
  (one?.role === other?.role &&
    one?.permissions === other?.permissions &&
    one?.isArchived === other?.isArchived &&
    one?.isTimedOut === other?.isTimedOut);

/**
 * The viewers for whom one answer holds. Resolvers ask it about one of them; it notes what they asked and what they
 * were told. Whoever would have been told the same, gets the same: a resolver had nothing else to go by.
 *
 * (As build systems do with "verifying traces": A. Mokhov, N. Mitchell, S. Peyton Jones, "Build systems à la carte",
 * ICFP 2018, section 4.2.2.)
 */
export class ViewerClass implements Viewpoint {
  private one: Viewpoint | null;
  /** Nothing was asked. */
  private isEverybody = false;
  private people: Map<number, boolean> | null = null;
  private rooms: Map<number, Rights | null> | null = null;

  constructor(one: Viewpoint) {
    this.one = one;
  }

  isViewer(userId: number): boolean {
    const answer = this.people?.get(userId) ?? this.asked().isViewer(userId);
    this.people ??= new Map();
    this.people.set(userId, answer);
    return answer;
  }

  /** The same as long as it is asked, also if it changes meanwhile. */
  rightsIn(roomId: number): Rights | null {
    const known = this.rooms?.get(roomId);
    const answer = known === undefined ? this.asked().rightsIn(roomId) : known;
    this.rooms ??= new Map();
    this.rooms.set(roomId, answer);
    return answer;
  }

  /** Nothing more is asked: the answer is there. */
  close(): this {
    this.one = null;
    this.isEverybody = !this.people && !this.rooms;
    return this;
  }

  has(other: Viewpoint): boolean {
    if (this.isEverybody) return true;
    for (const [userId, answer] of this.people ?? []) if (other.isViewer(userId) !== answer) return false;
    for (const [roomId, answer] of this.rooms ?? [])
      if (!isAlike(other.rightsIn(roomId), answer)) return false;
    return true;
  }

  private asked(): Viewpoint {
    if (!this.one) throw new Error('a viewpoint was asked after the answer had been given');
    return this.one;
  }
}

/**
 * The context of an execution whose answer goes to many. It has no viewer, and notes it when one is asked for: such an
 * answer is thrown away and each viewer gets one of their own. So no field can leak one viewer's data to another,
 * whatever its author thought of.
 */
export class SharedContext implements Context {
  readonly node: Services;
  readonly scope: Scope;
  readonly people: readonly PersonRecord[];
  readonly viewpoint: ViewerClass;
  readonly correlationId = 'shared';
  readonly asksForPosition = false;
  readonly position = null;
  askedForViewer = false;

  constructor(node: Services, scope: Scope, people: readonly PersonRecord[], viewpoint: ViewerClass) {
    this.node = node;
    this.scope = scope;
    this.people = people;
    this.viewpoint = viewpoint;
  }

  get viewer(): Viewer | null {
    return this.refuse();
  }

  get connection(): Connection {
    return this.refuse();
  }

  get ip(): string {
    return this.refuse();
  }

  private refuse(): never {
    this.askedForViewer = true;
    throw new ManyViewers();
  }
}
