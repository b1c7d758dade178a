import { Plan } from '../graphql/execution/plan.ts';
import { refuse } from '../platform/errors.ts';
import { MAX_OPERATIONS_PER_USER, OperationQuota } from './operation-quota.ts';
import { responseVariables } from './response-variables.ts';
import {
  SharedOperation,
  type SharedOperationOptions,
  type SubscribedOperation,
} from './shared-operation.ts';
import { TurnScopes } from './turn-scopes.ts';

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
  private readonly scopes = new TurnScopes();
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
