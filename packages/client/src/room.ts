import type { Commands } from './engine.ts';
import {
  DeleteTextDocument,
  EditTextDocument,
  InviteMembersDocument,
  type MessageAnchor,
  QuitRoomDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { newKey } from './keys.ts';
import type { Model } from './model.ts';
import { derive, type Observable } from './observable.ts';
import {
  type HistoryInfo,
  historyOf,
  type MemberInfo,
  type MessageInfo,
  membersOf,
  messagesOf,
  type RoomInfo,
  roomOf,
} from './views.ts';

const PAGE = 50;

/** One room: what is known of it, and what can be done in it. */
export class RoomHandle {
  readonly id: string;
  /** Null while the viewer is not a member, as far as is known. */
  readonly info: Observable<RoomInfo | null>;
  /** The messages to show, oldest first without a gap; behind the newest, those of this device that wait. */
  readonly messages: Observable<readonly MessageInfo[]>;
  /** Those that were loaded; `loadMembers` loads all. */
  readonly members: Observable<readonly MemberInfo[]>;
  readonly history: Observable<HistoryInfo>;
  private readonly commands: () => Promise<Commands>;

  constructor(id: string, source: Observable<Model>, commands: () => Promise<Commands>) {
    this.id = id;
    this.commands = commands;
    const room = ({ state }: Model) => state?.rooms[id];
    this.info = derive(
      source,
      ({ state }) => [state],
      (state) => roomOf(state, id),
    );
    this.members = derive(source, (model) => [room(model), model.state?.people], membersOf);
    this.messages = derive(
      source,
      (model) => [room(model), model.state?.people, model.outbox, model.views[id]],
      () => messagesOf(source.getSnapshot(), id),
    );
    this.history = derive(
      source,
      (model) => [room(model)?.firstSeq, model.views[id]],
      () => historyOf(source.getSnapshot(), id),
    );
  }

  /**
   * Puts a message into the outbox: it is shown at once and sent as soon as possible, in order, also after a reload.
   * Resolves with its idempotency key when this device has stored it.
   * @throws ParleyError `STORAGE`, `CLOSED`
   */
  async send(text: string, { replyToId = null }: { replyToId?: string | null } = {}): Promise<string> {
    const key = newKey();
    const entry = { key, roomId: this.id, text, replyToId, createdAt: new Date().toISOString() };
    await (await this.commands()).send(entry);
    return key;
  }

  /**
   * Changes the text of a message. With `expectedVersion`, only if the message is in this version still.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async edit(messageId: string, text: string, expectedVersion?: number): Promise<void> {
    const input = { messageId, text, ...(expectedVersion !== undefined && { expectedVersion }) };
    successOf((await (await this.commands()).request(EditTextDocument, { input })).editMessage);
  }

  /**
   * Deletes a message. Repeating it is harmless.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async delete(messageId: string): Promise<void> {
    const input = { messageId };
    successOf((await (await this.commands()).request(DeleteTextDocument, { input })).deleteMessage);
  }

  /**
   * Ends the viewer's membership.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async leave(): Promise<void> {
    const input = { roomId: this.id };
    successOf((await (await this.commands()).request(QuitRoomDocument, { input })).leaveRoom);
  }

  /**
   * Adds 1 to 100 people.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async addMembers(userIds: readonly string[]): Promise<void> {
    const input = { roomId: this.id, userIds: [...userIds] };
    successOf((await (await this.commands()).request(InviteMembersDocument, { input })).addMembers);
  }

  /**
   * Loads all members, not only those of the snapshot.
   * @throws ParleyError
   */
  async loadMembers(): Promise<void> {
    await (await this.commands()).loadMembers(this.id);
  }

  /**
   * Adds older messages to those shown; `history` tells whether there are any.
   * @throws ParleyError
   */
  async loadOlder(count: number = PAGE): Promise<void> {
    await (await this.commands()).loadOlder(this.id, count);
  }

  /**
   * Adds newer messages to those shown, after `jump`. With the newest, the room is live again.
   * @throws ParleyError
   */
  async loadNewer(count: number = PAGE): Promise<void> {
    await (await this.commands()).loadNewer(this.id, count);
  }

  /**
   * Shows the messages around a message, a number or a time instead of the newest.
   * @throws ParleyError
   */
  async jump(anchor: MessageAnchor, count: number = PAGE): Promise<void> {
    await (await this.commands()).jump(this.id, anchor, count);
  }

  /** Shows the newest messages again. */
  async showLatest(): Promise<void> {
    await (await this.commands()).showLatest(this.id);
  }
}
