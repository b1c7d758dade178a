import { Scope } from '../context.ts';

/** Owners of loaders: everything that is rendered in the same turn of the event loop shares its reads. */
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
