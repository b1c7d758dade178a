import { ParleyError } from './errors.ts';
import { type MessageAnchor, TimelineDocument } from './generated/documents.ts';
import { latestView, type Model, type RoomView, withView } from './model.ts';
import { settle } from './outbox.ts';
import { addMessages, type MessageAnswer, type Room } from './reducer.ts';
import type { Sessions } from './sessions.ts';
import type { Store } from './store.ts';

interface HistoryOptions {
  readonly store: Store;
  readonly sessions: Sessions;
}

/** The numbers of the first and the last message. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** The number of messages before the anchor, and from the anchor on. */
interface PageSize {
  readonly before?: number;
  readonly after?: number;
}

/** The part of the timeline that a room shows now. */
export function spanShown(model: Model, room: Room): Span {
  return model.views[room.id]?.span ?? { from: room.firstSeq, to: room.lastMessageSeq };
}

/** Reads pages of timelines into the store, in both directions. */
export class History {
  private readonly store: Store;
  private readonly sessions: Sessions;

  constructor({ store, sessions }: HistoryOptions) {
    this.store = store;
    this.sessions = sessions;
  }

  /**
   * Adds the `count` messages before those shown. Does nothing at the beginning of the room, or while a page is being
   * read.
   */
  async loadOlder(roomId: string, count: number): Promise<void> {
    const { from } = this.shown(roomId);
    if (from > 1) await this.read(roomId, 'older', { seq: from }, { before: count });
  }

  /** Adds the `count` messages after those shown. Does nothing if the newest are shown. */
  async loadNewer(roomId: string, count: number): Promise<void> {
    if (!this.view(roomId).span) return;
    const { to } = this.shown(roomId);
    await this.read(roomId, 'newer', { seq: to + 1 }, { after: count });
  }

  /** Shows the messages around one instead of the newest. */
  async jump(roomId: string, anchor: MessageAnchor, count: number): Promise<void> {
    const half = Math.ceil(count / 2);
    const page = await this.page(roomId, anchor, { before: half, after: half });
    const span = spanOf(page);
    if (span)
      this.store.update((model) => join(put(withView(model, roomId, { span }), roomId, page), roomId));
  }

  /** Shows the newest messages again. */
  showLatest(roomId: string): void {
    this.store.update((model) => withView(model, roomId, { span: null }));
  }

  private async read(
    roomId: string,
    loading: 'older' | 'newer',
    anchor: MessageAnchor,
    size: PageSize,
  ): Promise<void> {
    if (this.view(roomId).loading) return;
    this.show(roomId, { loading });
    const shown = this.view(roomId).span;
    try {
      const page = await this.page(roomId, anchor, size);
      // Meanwhile the room may show another part of its timeline.
      if (this.view(roomId).span === shown) this.store.update((model) => extend(model, roomId, page));
    } finally {
      this.show(roomId, { loading: null });
    }
  }

  private async page(id: string, around: MessageAnchor, size: PageSize): Promise<readonly MessageAnswer[]> {
    const { room } = await this.sessions.authorized(TimelineDocument, { id, around, ...size });
    if (!room?.messages) throw new ParleyError('NOT_FOUND', 'No such room.');
    return room.messages.nodes;
  }

  private shown(roomId: string): Span {
    const model = this.store.getSnapshot();
    const room = model.state?.rooms[roomId];
    if (!room) throw new ParleyError('NOT_FOUND', 'No such room.');
    return spanShown(model, room);
  }

  private view(roomId: string): RoomView {
    return this.store.getSnapshot().views[roomId] ?? latestView;
  }

  private show(roomId: string, change: Partial<RoomView>): void {
    this.store.update((model) => withView(model, roomId, change));
  }
}

function spanOf(page: readonly MessageAnswer[]): Span | null {
  const seqs = page.flatMap(({ seq }) => seq ?? []);
  return seqs.length > 0 ? { from: Math.min(...seqs), to: Math.max(...seqs) } : null;
}

function put(model: Model, roomId: string, page: readonly MessageAnswer[], firstSeq?: number): Model {
  return settle({ ...model, state: model.state && addMessages(model.state, roomId, page, firstSeq) });
}

/** Returns the model with a page next to the messages that the room shows. */
function extend(model: Model, roomId: string, page: readonly MessageAnswer[]): Model {
  const room = model.state?.rooms[roomId];
  const span = spanOf(page);
  if (!room || !span) return model;
  const held = model.views[roomId]?.span;
  if (!held) return put(model, roomId, page, Math.min(room.firstSeq, span.from));
  const joined = { from: Math.min(held.from, span.from), to: Math.max(held.to, span.to) };
  return join(put(withView(model, roomId, { span: joined }), roomId, page), roomId);
}

/** Merges a part of the timeline that reaches the newest messages with them. */
function join(model: Model, roomId: string): Model {
  const room = model.state?.rooms[roomId];
  const span = model.views[roomId]?.span;
  if (!room || !span || span.to + 1 < room.firstSeq || span.from > room.lastMessageSeq + 1) return model;
  const next = withView(model, roomId, { span: null });
  return put(next, roomId, [], Math.min(room.firstSeq, span.from));
}
