import type { Client } from './client.ts';
import { ask, extend } from './document-subscription.ts';
import { isEmpty, type NewDraft, placeOf } from './draft-entries.ts';
import { toParleyError } from './errors.ts';
import { newKey } from './keys.ts';
import type { DraftEntry } from './model.ts';
import { Cell, derive, type Observable } from './observable.ts';
import { Pauses } from './pause.ts';

// An entry of its own: an application without drafts does not load it.

/** Minimum time between two hand-overs of a draft to the tab that has the connection, in milliseconds. */
const EVERY_MS = 300;
/** The tab that has the connection is asked again after this time, in milliseconds, if it could not answer. */
const RETRY_MS = 20_000;

/** What the viewer has begun to write in a room or thread. */
export interface DraftInfo {
  readonly roomId: string;
  /** The message that the thread belongs to; null for the room. */
  readonly threadRootId: string | null;
  readonly text: string;
  readonly quotedMessageId: string | null;
  /** The idempotency key of the message that it becomes. */
  readonly key: string;
  /** RFC 3339. */
  readonly updatedAt: string;
  /** Whether the server refused it: it stays on this device. */
  readonly isRefused: boolean;
}

type Typed = NewDraft & Pick<DraftInfo, 'updatedAt'>;
type Shown = Readonly<Record<string, DraftInfo>>;

/**
 * The drafts of the viewer, the same on all devices. Make one in every tab, right after `createClient`.
 *
 * @example
 * const drafts = new Drafts(client);
 * const draft = drafts.of(roomId);
 * draft.subscribe(() => show(draft.getSnapshot()?.text ?? ''));
 * draft.write(text); // at each keystroke
 * await client.room(roomId).send(text, { key: draft.take() });
 */
export class Drafts {
  /** All drafts, the last written first. */
  readonly all: Observable<readonly DraftInfo[]>;
  private readonly client: Client;
  private readonly shown = new Cell<Shown>({});
  private readonly handles = new Map<string, Draft>();
  /** What was written in this tab, until the tab that has the connection has stored it; by place. */
  private typed: Readonly<Record<string, Typed>> = {};
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Keys of messages that this tab sends. */
  private readonly taken = new Set<string>();
  /** Keys that were made in this tab. A draft of another device gets a new key when this tab changes it. */
  private readonly own = new Set<string>();
  private readonly infos = new WeakMap<object, DraftInfo>();
  private readonly pauses = new Pauses();
  private readonly unwatch: readonly (() => void)[];
  private inputs: readonly unknown[] = [];
  private userId: string | undefined;
  private isClosed = false;

  constructor(client: Client) {
    this.client = client;
    this.all = derive(
      this.shown,
      (shown) => [shown],
      (shown) =>
        Object.values(shown)
          .filter((draft) => !isEmpty(draft))
          .sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1)),
    );
    extend(client);
    this.unwatch = [
      client.source.subscribe(() => this.show()),
      client.viewer.subscribe(() => this.changeUser()),
    ];
    this.userId = client.viewer.getSnapshot()?.id;
    this.show();
    void this.sync();
  }

  /** The draft of a room, or of the thread of a message. The same object for the same place. */
  of(roomId: string, threadRootId: string | null = null): Draft {
    const at = { roomId, threadRootId };
    const place = placeOf(at);
    const held = this.handles.get(place) ?? new Draft(this.partsOf(at));
    this.handles.set(place, held);
    return held;
  }

  /**
   * Resolves when everything that was written in this tab is stored on this device.
   * @throws ParleyError `STORAGE`, `CLOSED`
   */
  async flush(): Promise<void> {
    await Promise.all(Object.keys(this.typed).map((place) => this.pass(place)));
  }

  /** Stops: shows no more changes, and saves nothing more. */
  close(): void {
    this.isClosed = true;
    for (const unsubscribe of this.unwatch) unsubscribe();
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.pauses.end();
  }

  private partsOf(at: Pick<DraftInfo, 'roomId' | 'threadRootId'>): DraftParts {
    const place = placeOf(at);
    return {
      shown: derive(
        this.shown,
        (shown) => [shown[place]],
        (draft) => draft ?? null,
      ),
      write: (text, quotedMessageId) => this.write({ ...at, text, quotedMessageId }),
      take: () => this.take(place),
    };
  }

  // -- writing -----------------------------------------------------------------------------------

  private write(draft: Omit<NewDraft, 'key'>): void {
    const place = placeOf(draft);
    const held = this.shown.getSnapshot()[place];
    if (held ? isSame(held, draft) : isEmpty(draft)) return;
    const key = held && this.own.has(held.key) ? held.key : newKey();
    this.own.add(key);
    this.typed = { ...this.typed, [place]: { ...draft, key, updatedAt: new Date().toISOString() } };
    this.schedule(place, EVERY_MS);
    this.show();
  }

  private take(place: string): string {
    const held = this.shown.getSnapshot()[place];
    const key = held?.key ?? newKey();
    const stored = this.client.source.getSnapshot().drafts[place];
    this.taken.add(key);
    this.forget(place);
    // The stored draft that this one continued has another key: the message does not remove it.
    if (held && stored && stored.key !== key) {
      const { roomId, threadRootId } = held;
      this.write({ roomId, threadRootId, text: '', quotedMessageId: null });
    }
    return key;
  }

  private schedule(place: string, ms: number): void {
    if (this.timers.has(place) || this.isClosed) return;
    const pass = () => {
      this.timers.delete(place);
      this.pass(place).catch(
        (error: unknown) => toParleyError(error).code === 'CLOSED' || this.schedule(place, RETRY_MS),
      );
    };
    this.timers.set(place, setTimeout(pass, ms));
  }

  /** Hands the draft to the tab that has the connection. */
  private async pass(place: string): Promise<void> {
    const draft = this.typed[place];
    if (!draft) return;
    const isStored = await ask(this.client, { kind: 'draft', draft });
    if (isStored !== true) this.schedule(place, RETRY_MS);
    // White space alone is shown in this tab, but not saved.
    else if (this.typed[place] === draft && !isBlank(draft)) this.forget(place);
  }

  private forget(place: string): void {
    const { [place]: _typed, ...typed } = this.typed;
    this.typed = typed;
    this.show();
  }

  // -- showing -----------------------------------------------------------------------------------

  private show(): void {
    const { drafts, outbox } = this.client.source.getSnapshot();
    // A message that failed and is discarded gives its draft back.
    for (const key of this.taken) if (outbox[key]?.status === 'failed') this.taken.delete(key);
    const inputs = [drafts, outbox, this.typed, this.taken.size];
    if (this.inputs.every((input, i) => input === inputs[i]) && this.inputs.length > 0) return;
    this.inputs = inputs;
    const visible = Object.entries({ ...drafts, ...this.typed }).filter(
      ([, draft]) => (!isEmpty(draft) || isBlank(draft)) && !this.taken.has(draft.key) && !outbox[draft.key],
    );
    this.shown.set(Object.fromEntries(visible.map(([place, draft]) => [place, this.infoOf(draft)])));
  }

  private infoOf(draft: DraftEntry | Typed): DraftInfo {
    const { roomId, threadRootId, text, quotedMessageId, key, updatedAt } = draft;
    const isRefused = 'status' in draft && draft.status === 'refused';
    const known = this.infos.get(draft);
    const info = known ?? { roomId, threadRootId, text, quotedMessageId, key, updatedAt, isRefused };
    this.infos.set(draft, info);
    return info;
  }

  private changeUser(): void {
    const userId = this.client.viewer.getSnapshot()?.id;
    if (userId === this.userId) return;
    this.userId = userId;
    this.typed = {};
    this.taken.clear();
    this.show();
  }

  /** Makes the tab that has the connection keep the drafts in step. It answers only if it cannot. */
  private async sync(): Promise<void> {
    while (!this.isClosed) {
      const isAnswered = await ask(this.client, { kind: 'sync-drafts' }).then(
        () => true,
        () => false,
      );
      if (!isAnswered) return;
      await this.pauses.wait(RETRY_MS);
    }
  }
}

/** White space that is no draft yet. */
const isBlank = (draft: NewDraft): boolean => isEmpty(draft) && draft.text !== '';

const isSame = (a: Omit<NewDraft, 'key'>, b: Omit<NewDraft, 'key'>) =>
  a.text === b.text && a.quotedMessageId === b.quotedMessageId;

interface DraftParts {
  readonly shown: Observable<DraftInfo | null>;
  readonly write: (text: string, quotedMessageId: string | null) => void;
  readonly take: () => string;
}

/** The draft of one room or thread; null where there is none. `Drafts.of` makes it. */
export class Draft implements Observable<DraftInfo | null> {
  private readonly parts: DraftParts;

  constructor(parts: DraftParts) {
    this.parts = parts;
  }

  getSnapshot(): DraftInfo | null {
    return this.parts.shown.getSnapshot();
  }

  subscribe(listener: () => void): () => void {
    return this.parts.shown.subscribe(listener);
  }

  /**
   * Takes what the viewer has written, at each keystroke. It is shown at once, stored on this device, and saved for the other
   * devices at most once a second, also after a reload. An empty text without a quoted message removes the draft.
   */
  write(text: string, { quotedMessageId = null }: { quotedMessageId?: string | null } = {}): void {
    this.parts.write(text, quotedMessageId);
  }

  /** Returns the key to send the message with. The draft is no longer shown. */
  take(): string {
    return this.parts.take();
  }
}
