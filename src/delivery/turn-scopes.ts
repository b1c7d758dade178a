import { Scope } from '../context.ts';

/** Owners of loaders: whatever is rendered in the same turn of the event loop asks the database together. */
export class TurnScopes {
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
