import {
  answerDraft,
  isEmpty,
  mergeDrafts,
  type NewDraft,
  placeOf,
  removeDraft,
  textSent,
  withDraft,
} from './draft-entries.ts';
import type { Engine } from './engine.ts';
import { isTemporary, type ParleyError, toParleyError } from './errors.ts';
import {
  DeleteDraftDocument,
  DraftsDocument,
  type DraftsQuery,
  SaveDraftDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { newKey } from './keys.ts';
import type { DraftEntry, Model } from './model.ts';
import { allNodes } from './pages.ts';
import { backoffMs, Pauses } from './pause.ts';
import type { Room } from './reducer.ts';

/** Minimum time between two changes of drafts, and between two loads of the list, in milliseconds. */
const EVERY_MS = 1_000;

interface Task {
  readonly kind: 'change' | 'load';
  run(): Promise<void>;
}

type Page = NonNullable<DraftsQuery['viewer']>['drafts'];

/**
 * Keeps the drafts of this device and those of the server the same. It runs in the tab that has the connection, and makes
 * one request after the other: so a list contains all that this device saved before.
 */
export class DraftSync {
  private readonly engine: Engine;
  private readonly onError: (error: ParleyError) => void;
  private readonly pauses = new Pauses();
  private readonly unsubscribe: () => void;
  private isRunning = false;
  private isOver = false;
  /** When the next task of each kind may begin. */
  private readonly freeAt: Record<Task['kind'], number> = { change: 0, load: 0 };
  /** Keys of drafts whose messages this device sends or has sent. */
  private readonly sent = new Set<string>();
  /** The drafts and rooms that `compare` has compared last, by place. */
  private readonly compared = new Map<string, { readonly entry: DraftEntry; readonly room: Room }>();
  /** The event of the user's own log up to which the list is known; null: not loaded over this connection. */
  private loadedSeq: number | null = null;

  constructor(engine: Engine, onError: (error: ParleyError) => void) {
    this.engine = engine;
    this.onError = onError;
    this.unsubscribe = engine.store.subscribe(() => this.wake());
    this.wake();
  }

  /** Takes what was written in a tab; resolves when it is stored on this device. */
  async put(draft: NewDraft): Promise<true> {
    this.update((model) => withDraft(model, draft));
    await this.engine.store.flush();
    return true;
  }

  /** The connection is another one: loads the list again, and repeats what failed at once. */
  connect(): void {
    this.loadedSeq = null;
    this.pauses.end();
    this.wake();
  }

  close(): void {
    this.isOver = true;
    this.unsubscribe();
    this.pauses.end();
  }

  private get model(): Model {
    return this.engine.store.getSnapshot();
  }

  private update(change: (model: Model) => Model): void {
    this.engine.store.update(change);
  }

  private wake(): void {
    if (this.isOver) return;
    for (const [place, entry] of Object.entries(this.model.drafts)) this.compare(place, entry);
    if (!this.isRunning && this.next()) void this.run();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (let failures = 0; !this.isOver; ) {
      const task = this.next();
      if (!task) break;
      const earlyMs = this.freeAt[task.kind] - performance.now();
      if (earlyMs > 0) {
        await this.pauses.wait(earlyMs);
        continue; // with the newest text
      }
      this.freeAt[task.kind] = performance.now() + EVERY_MS;
      const error = await this.attempt(task);
      if (error?.code === 'SIGNED_OUT') break;
      failures = error ? failures + 1 : 0;
      if (error) await this.pauses.wait(error.retryAfterMs ?? backoffMs(failures));
    }
    this.isRunning = false;
  }

  /** The next task; null if there is none. */
  private next(): Task | null {
    const { session, drafts, outbox } = this.model;
    if (!session) return null;
    const changed = Object.values(drafts).find(({ status, key }) => status === 'changed' && !outbox[key]);
    if (changed)
      return { kind: 'change', run: () => (isEmpty(changed) ? this.remove(changed) : this.save(changed)) };
    return this.isListDue() ? { kind: 'load', run: () => this.load() } : null;
  }

  /** Returns the error if the task has to be repeated. */
  private async attempt(task: Task): Promise<ParleyError | null> {
    try {
      await task.run();
      return null;
    } catch (problem) {
      const error = toParleyError(problem);
      if (isTemporary(error) || error.code === 'SIGNED_OUT') return error;
      this.onError(error);
      return null;
    }
  }

  // -- changes of this device --------------------------------------------------------------------

  private async save(entry: DraftEntry): Promise<void> {
    const { roomId, threadRootId, text, quotedMessageId, key: idempotencyKey } = entry;
    const input = { roomId, threadRootId, text, quotedMessageId, idempotencyKey };
    try {
      const { saveDraft } = await this.engine.sessions.authorized(SaveDraftDocument, { input });
      const { accountSeq, draft } = successOf(saveDraft);
      this.skipLoad(accountSeq);
      this.update((model) => answerDraft(model, entry, draft && { version: draft.version, status: 'saved' }));
    } catch (problem) {
      const error = toParleyError(problem);
      if (error.code === 'IDEMPOTENCY_CONFLICT') this.end(entry);
      else this.refuse(entry, error, { status: 'refused' });
    }
  }

  /** Only the draft that was shown here is removed: another device may have written a new one. */
  private async remove(entry: DraftEntry): Promise<void> {
    const { roomId, threadRootId, version: expectedVersion } = entry;
    const input = { roomId, threadRootId, expectedVersion };
    try {
      if (expectedVersion > 0) {
        const { deleteDraft } = await this.engine.sessions.authorized(DeleteDraftDocument, { input });
        this.skipLoad(successOf(deleteDraft).accountSeq);
      }
      this.update((model) => answerDraft(model, entry, null));
    } catch (problem) {
      this.refuse(entry, toParleyError(problem), null);
    }
  }

  /** @throws ParleyError the error, if it has to be repeated */
  private refuse(entry: DraftEntry, error: ParleyError, answer: Partial<DraftEntry> | null): void {
    if (isTemporary(error) || error.code === 'SIGNED_OUT') throw error;
    this.loadedSeq = null;
    this.update((model) => answerDraft(model, entry, answer));
  }

  /** The message with its key is stored, perhaps with this text. */
  private end(entry: DraftEntry, text?: string | null): void {
    if (this.model.drafts[placeOf(entry)] !== entry) return;
    const isNewer =
      entry.status === 'changed' && !this.sent.has(entry.key) && text?.trim() !== entry.text.trim();
    if (isNewer) this.renew(entry);
    else this.finish(entry);
  }

  /** Another device has sent an earlier text of the draft: the newer text becomes a new draft. */
  private renew(entry: DraftEntry): void {
    this.update((model) => answerDraft(model, entry, { key: newKey(), version: 0 }));
  }

  /** Its message is stored. The server may have the draft with the key that it had before the last change. */
  private finish(entry: DraftEntry): void {
    const empty = { ...entry, text: '', quotedMessageId: null, key: newKey() };
    const isBehind = entry.status === 'changed' && entry.version > 0;
    this.update((model) => (isBehind ? withDraft(model, empty) : removeDraft(model, placeOf(entry))));
  }

  // -- drafts of the server ----------------------------------------------------------------------

  private isListDue(): boolean {
    const { state } = this.model;
    if (!this.engine.socket || !state) return false;
    return this.loadedSeq === null || (state.otherSeq ?? 0) > this.loadedSeq;
  }

  /** Skips the load after an event of this device, if no other event came in between. */
  private skipLoad(accountSeq: number): void {
    const { state } = this.model;
    const isNext =
      state && state.accountSeq >= accountSeq - 1 && (state.otherSeq ?? 0) <= (this.loadedSeq ?? -1);
    if (isNext) this.loadedSeq = accountSeq;
  }

  private async load(): Promise<void> {
    const { state, session } = this.model;
    this.loadedSeq = state?.otherSeq ?? 0;
    const all = await this.loadAll().catch((error: unknown) => {
      if (isTemporary(toParleyError(error))) this.loadedSeq = null;
      throw error;
    });
    if (this.model.session?.userId === session?.userId) this.update((model) => mergeDrafts(model, all));
  }

  private async loadAll(): Promise<Page['nodes']> {
    const page = async (from: { after?: string }) =>
      (await this.engine.sessions.authorized(DraftsDocument, from)).viewer?.drafts;
    return (await allNodes<Page['nodes'][number]>(page)) ?? [];
  }

  // -- messages ----------------------------------------------------------------------------------

  /** Removes a draft whose message is stored, or whose room the viewer has lost. */
  private compare(place: string, entry: DraftEntry): void {
    const { state, outbox, drafts } = this.model;
    if (drafts[place] !== entry) return; // changed by the comparison before
    if (outbox[entry.key]) this.sent.add(entry.key);
    if (!state) return;
    const room = state.rooms[entry.roomId];
    if (!room) return this.update((model) => removeDraft(model, place));
    const known = this.compared.get(place);
    if (known?.entry === entry && known.room === room) return;
    this.compared.set(place, { entry, room });
    const text = textSent(room, state.viewerId, entry.key);
    if (text === undefined) return;
    this.end(entry, text);
  }
}
