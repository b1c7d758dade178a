import type { Paced } from './pace.ts';

/** The value of one key, as this node knows it. */
export interface KnownValue {
  /** The node that published it. */
  readonly origin: string;
  readonly version: number;
  /** JSON; null if it was cleared. That is kept for a lease, so that an older value does not come back. */
  readonly value: string | null;
  /** On the clock of `performance.now()`. */
  readonly endsAt: number;
}

/**
 * The changes for a subscription: at first the whole set, then the keys that changed since; null for those that ended.
 */
export interface TopicChange {
  readonly isWhole: boolean;
  readonly values: ReadonlyMap<string, string | null>;
}

/** One subscriber of a topic. A slow one keeps only the changed keys, never more than the topic has. */
export class TopicSubscription {
  private readonly topic: Topic;
  private readonly onChange: () => void;
  private readonly onClose: () => void;
  private changed = new Set<string>();
  private isNew = true;

  constructor(topic: Topic, onChange: () => void, onClose: () => void) {
    this.topic = topic;
    this.onChange = onChange;
    this.onClose = onClose;
  }

  /** The latest value of each key. */
  get values(): ReadonlyMap<string, string> {
    return this.topic.values;
  }

  /** Returns the current values of the keys that changed since the last call; null if none did. */
  take(): TopicChange | null {
    const { isNew, changed } = this;
    if (!isNew && changed.size === 0) return null;
    [this.isNew, this.changed] = [false, new Set()];
    const { values } = this.topic;
    if (isNew) return { isWhole: true, values };
    return { isWhole: false, values: new Map([...changed].map((key) => [key, values.get(key) ?? null])) };
  }

  close(): void {
    this.onClose();
  }

  /** @internal */
  note(keys: Iterable<string>): void {
    if (!this.isNew) for (const key of keys) this.changed.add(key);
    this.onChange();
  }
}

/** The latest value of each key of one topic, as this node knows them. */
export class Topic implements Paced {
  readonly name: string;
  toldAt = -Infinity;
  isWaiting = false;
  readonly subscriptions = new Set<TopicSubscription>();
  private readonly maxKeys: number;
  private readonly known = new Map<string, KnownValue>();
  private unsaid = new Set<string>();

  constructor(name: string, maxKeys: number) {
    this.name = name;
    this.maxKeys = maxKeys;
  }

  has(key: string): boolean {
    return this.known.has(key);
  }

  get values(): ReadonlyMap<string, string> {
    const now = performance.now();
    const values = new Map<string, string>();
    for (const [key, { value, endsAt }] of this.known)
      if (value !== null && endsAt > now) values.set(key, value);
    return values;
  }

  /** Keeps the value unless a newer one is known. Returns `changed` if subscribers must be informed. */
  apply(key: string, next: KnownValue): 'changed' | 'kept' | 'older' | 'full' {
    const before = this.known.get(key);
    if (before && isNewer(before, next)) return 'older';
    if (!before && this.known.size >= this.maxKeys) return 'full';
    this.known.set(key, next);
    if (this.shown(before) === next.value) return 'kept';
    this.unsaid.add(key);
    return 'changed';
  }

  /** Ends the value if its time is over. Returns the ms until the next check; null if the value is gone. */
  expire(key: string): number | null {
    const known = this.known.get(key);
    const left = known ? known.endsAt - performance.now() : 0;
    if (left > 0) return left;
    this.remove(key);
    return null;
  }

  /** Ends the values of a node that are not among these keys, which are all keys of the node. */
  retain(origin: string, keys: ReadonlySet<string>): void {
    for (const [key, known] of this.known) if (known.origin === origin && !keys.has(key)) this.remove(key);
  }

  get hasNews(): boolean {
    return this.unsaid.size > 0;
  }

  /** Informs the subscribers of the keys that changed since the last call. */
  tell(): void {
    const { unsaid } = this;
    this.unsaid = new Set();
    for (const subscription of this.subscriptions) subscription.note(unsaid);
  }

  private remove(key: string): void {
    const known = this.known.get(key);
    this.known.delete(key);
    if (known && known.value !== null) this.unsaid.add(key);
  }

  private shown(known: KnownValue | undefined): string | null {
    return known && known.endsAt > performance.now() ? known.value : null;
  }
}

/** Of two changes with the same number, that of the higher origin counts on every node. */
function isNewer(one: KnownValue, other: KnownValue): boolean {
  return one.version > other.version || (one.version === other.version && one.origin > other.origin);
}
