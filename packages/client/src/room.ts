import type { Commands } from './engine.ts';
import {
  DeleteTextDocument,
  EditTextDocument,
  InviteMembersDocument,
  type MessageAnchor,
  QuitRoomDocument,
  type TypedText,
} from './generated/documents.ts';
import { dataOf, successOf } from './http.ts';
import { newKey } from './keys.ts';
import type { MessageParts, Model } from './model.ts';
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

/** One room: its data and its actions. */
export class RoomHandle {
  readonly id: string;
  /** Null while the viewer is not known to be a member. */
  readonly info: Observable<RoomInfo | null>;
  /** The messages to show, oldest first and without a gap; after the newest, the waiting messages of this device. */
  readonly messages: Observable<readonly MessageInfo[]>;
  /** The members that were loaded; `loadMembers` loads all. */
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
      (model) => [room(model), model.state?.people, model.outbox, model.views[id], model.reactions],
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
   * Resolves with its idempotency key when this device has stored it. The key of a draft removes the draft. The other
   * options are what the message has besides its text, such as `metadata`.
   * @throws ParleyError `STORAGE`, `CLOSED`
   */
  async send(
    text: string,
    {
      replyToId = null,
      key = newKey(),
      ...parts
    }: MessageParts & { replyToId?: string | null; key?: string } = {},
  ): Promise<string> {
    const entry = { key, roomId: this.id, text, replyToId, parts, createdAt: new Date().toISOString() };
    await (await this.commands()).send(entry);
    return key;
  }

  /**
   * Changes the text of a message. With `expectedVersion`, only if the message still has this version.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async edit(messageId: string, text: string, expectedVersion: number | null = null): Promise<void> {
    const input = { messageId, text, expectedVersion };
    successOf((await this.request(EditTextDocument, { input })).editMessage);
  }

  /**
   * Deletes a message. A repetition has no effect.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async delete(messageId: string): Promise<void> {
    const input = { messageId };
    successOf((await this.request(DeleteTextDocument, { input })).deleteMessage);
  }

  /**
   * Adds the viewer's reaction to a message. It is shown at once and sent as soon as possible, also after a reload. If
   * it exists already, nothing changes. If the server refuses it, the client calls `onError`. Resolves when this device
   * has stored it.
   * @throws ParleyError `STORAGE`, `CLOSED`
   */
  async react(messageId: string, emoji: string): Promise<void> {
    await (await this.commands()).react({ roomId: this.id, messageId, emoji, isAdded: true });
  }

  /**
   * Removes the viewer's reaction, in the same way.
   * @throws ParleyError `STORAGE`, `CLOSED`
   */
  async unreact(messageId: string, emoji: string): Promise<void> {
    await (await this.commands()).react({ roomId: this.id, messageId, emoji, isAdded: false });
  }

  /**
   * Ends the viewer's membership.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async leave(): Promise<void> {
    const input = { roomId: this.id };
    successOf((await this.request(QuitRoomDocument, { input })).leaveRoom);
  }

  /**
   * Adds 1 to 100 users.
   * @throws ParleyError the refusal, or `NETWORK`
   */
  async addMembers(userIds: readonly string[]): Promise<void> {
    const input = { roomId: this.id, userIds: [...userIds] };
    successOf((await this.request(InviteMembersDocument, { input })).addMembers);
  }

  /**
   * Loads all members, not only those of the snapshot.
   * @throws ParleyError
   */
  async loadMembers(): Promise<void> {
    await (await this.commands()).loadMembers(this.id);
  }

  /**
   * Adds older messages to those shown; `history` says whether there are any.
   * @throws ParleyError
   */
  async loadOlder(count: number = PAGE): Promise<void> {
    await (await this.commands()).loadOlder(this.id, count);
  }

  /**
   * Adds newer messages to those shown, after `jump`. When it reaches the newest, the room is live again.
   * @throws ParleyError
   */
  async loadNewer(count: number = PAGE): Promise<void> {
    await (await this.commands()).loadNewer(this.id, count);
  }

  /**
   * Shows the messages around a message, a number or a time, instead of the newest.
   * @throws ParleyError
   */
  async jump(anchor: MessageAnchor, count: number = PAGE): Promise<void> {
    await (await this.commands()).jump(this.id, anchor, count);
  }

  /** Shows the newest messages again. */
  async showLatest(): Promise<void> {
    await (await this.commands()).showLatest(this.id);
  }

  private async request<Data, Variables>(
    document: TypedText<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    return dataOf(await (await this.commands()).request(document, variables));
  }
}
