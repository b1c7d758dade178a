import type { Connection, Context, Scope, Services, Viewer } from '../context.ts';
import type { PersonRecord } from '../eventlog/kinds.ts';

/** Thrown to a resolver that reads the viewer during a shared execution. */
class ManyViewers extends Error {
  constructor() {
    super('this is executed for many viewers at once');
  }
}

/**
 * The context of an execution for many viewers. It has no viewer, and records when a resolver asks for one: then the
 * result is discarded, and each viewer gets an execution. So no field can leak one viewer's data to another, whatever
 * its author forgot.
 */
export class SharedContext implements Context {
  readonly node: Services;
  readonly scope: Scope;
  readonly people: readonly PersonRecord[];
  readonly correlationId = 'shared';
  readonly asksForPosition = false;
  readonly asksForUnread = false;
  readonly position = null;
  askedForViewer = false;

  constructor(node: Services, scope: Scope, people: readonly PersonRecord[]) {
    this.node = node;
    this.scope = scope;
    this.people = people;
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
