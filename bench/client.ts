import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import WebSocket from 'ws';

type Listener = (frame: Buffer, type: string) => void;

const PATIENCE_MS = 60_000;

/**
 * graphql-transport-ws with as little work of our own as can be: what a stream brings is handed on as it came, unparsed.
 * Client and server share a machine here, and what the client burns the server does not have.
 */
export class Client {
  private readonly ws: WebSocket;
  private readonly listeners = new Map<string, Listener>();
  private lastId = 0;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (frame: Buffer) => this.hear(frame));
    ws.on('error', () => undefined); // pending calls report it
  }

  static async open(url: string, token = '', headers: Record<string, string> = {}): Promise<Client> {
    const ws = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false, headers });
    await once(ws, 'open');
    const payload = { authorization: `Bearer ${token}` };
    ws.send(JSON.stringify({ type: 'connection_init', payload }));
    await inTime(once(ws, 'message'), 'a connection to be acknowledged');
    return new Client(ws);
  }

  /** `onFrame` gets every frame about the stream, its end too. */
  stream(query: string, variables: object, onFrame: (frame: Buffer) => void): void {
    this.start(query, variables, onFrame);
  }

  /** A query or mutation: the data of its answer, which must have no errors. */
  ask<Data>(query: string, variables: object): Promise<Data> {
    return new Promise((resolve, reject) => {
      const id = this.start(query, variables, (frame, type) => {
        if (type === 'complete') return;
        const { payload } = JSON.parse(String(frame)) as { payload: { data?: Data; errors?: unknown } };
        if (payload.data && !payload.errors) resolve(payload.data);
        else reject(new Error(String(frame)));
        this.listeners.delete(id);
      });
    });
  }

  /** What `work` sends leaves in one piece, so that the server has it in one turn. */
  together<Value>(work: () => Value): Value {
    const { _socket: socket } = this.ws as unknown as { _socket: Duplex };
    socket.cork();
    try {
      return work();
    } finally {
      socket.uncork();
    }
  }

  /** Resolves when the server has also closed the connection. */
  async close(): Promise<void> {
    this.listeners.clear();
    if (this.ws.readyState === WebSocket.CLOSED) return;
    const closed = once(this.ws, 'close');
    this.ws.close(1000);
    await closed;
  }

  private start(query: string, variables: object, listener: Listener): string {
    const id = String(++this.lastId);
    this.listeners.set(id, listener);
    this.ws.send(JSON.stringify({ type: 'subscribe', id, payload: { query, variables } }));
    return id;
  }

  /** Frames begin with `{"id":"1","type":"next"`; those without an id are about the connection. */
  private hear(frame: Buffer): void {
    const [, , , id = '', , , , type = ''] = frame.toString('latin1', 0, 48).split('"');
    this.listeners.get(id)?.(frame, type);
  }
}

/** @throws Error when it takes too long: every step here takes seconds at most */
export async function inTime<Value>(value: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), PATIENCE_MS);
  });
  return Promise.race([value, late]).finally(() => clearTimeout(timer));
}

/** What the benches follow rooms and inboxes with: what a client needs to show a message. */
const PARTS = `
  __typename
  ... on RoomEvent { cursor roomSeq occurredAt }
  ... on MessageCreated { message { id seq text sentAt idempotencyKey author { id displayName } } }
  ... on StreamReady { cursor replayedCount }
  ... on ResyncRequired { resyncReason }
  ... on StreamClosed { closeReason }`;

/**
 * The selection of an application that shows a room: the message with its author, its quote and what is attached to it, its thread and
 * receipts, and the viewer's rights and unread numbers.
 */
const REAL_PARTS = `
  ${PARTS}
  ... on RoomEvent { room { id lastMessageSeq viewerCanSend viewerPermissions
    viewerReadSeq viewerUnreadCount viewerUnreadMentionCount } }
  ... on MessageCreated { message { editedAt viewerCanEdit viewerCanDelete isPinned viewerIsMentioned
    reactions { emoji count viewerHasReacted } thread { id replyCount lastReplyAt viewerUnreadCount }
    receipts { memberCount deliveredCount readCount } replyTo { id seq text author { id displayName } } } }`;

export const WATCH_REAL = `subscription WatchRoom($id: ID!, $after: Cursor) { room(id: $id, after: $after) { ${REAL_PARTS} } }`;
export const WATCH_ROOM = `subscription WatchRoom($id: ID!, $after: Cursor) { room(id: $id, after: $after) { ${PARTS} } }`;
export const WATCH_INBOX = `subscription WatchInbox($after: Cursor) { inbox(after: $after) { ${PARTS} } }`;

const mutation = (name: string, success: string) => {
  const Name = name.charAt(0).toUpperCase() + name.slice(1);
  return `mutation ${Name}($input: ${Name}Input!) { ${name}(input: $input) {
    __typename ... on ${Name}Success { ${success} } ... on UserError { code detail } } }`;
};
export const SEND_MESSAGE = mutation('sendMessage', 'roomSeq message { id seq sentAt }');
const CREATE_ROOM = mutation('createRoom', 'room { id }');
const ADD_MEMBERS = mutation('addMembers', 'roomSeq');
const CHANGE_ROLE = mutation('changeMemberRole', 'roomSeq');

async function change<Success>(client: Client, document: string, input: object): Promise<Success> {
  const data = await client.ask<Record<string, Success & { code?: string }>>(document, { input });
  const [result] = Object.values(data);
  if (!result || result.code) throw new Error(JSON.stringify(data));
  return result;
}

// With the time about a hundred and twenty characters: a sentence or two.
export const TEXT =
  'The quick brown fox jumps over the lazy dog, and the dog, being lazy, thinks about it until late after';
let lastKey = 0;

/** Posts a message that contains its (planned) sending time, in ns. Resolves when it is acknowledged, with its id. */
export async function posted(
  client: Client,
  roomId: string,
  at = process.hrtime.bigint(),
  replyToId?: string,
): Promise<string> {
  const { message } = await change<{ message: { id: string } }>(client, SEND_MESSAGE, {
    roomId,
    text: `${TEXT} ~T${at}`,
    idempotencyKey: crypto.randomUUID(),
    ...(replyToId && { replyToId }),
  });
  return message.id;
}

const DELETE_MESSAGE = mutation('deleteMessage', 'roomSeq');

export async function deleted(author: Client, messageId: string): Promise<void> {
  await change(author, DELETE_MESSAGE, { messageId });
}

export async function giveRole(owner: Client, roomId: string, userId: string, role: string): Promise<void> {
  await change(owner, CHANGE_ROLE, { roomId, userId, role });
}

const MEMBERS_AT_ONCE = 100;

/** A private room of the client's user and these users. */
export async function makeRoom(owner: Client, userIds: readonly string[]): Promise<string> {
  const input = { name: `room ${++lastKey}`, kind: 'PRIVATE', idempotencyKey: `room-${lastKey}` };
  const { room } = await change<{ room: { id: string } }>(owner, CREATE_ROOM, input);
  for (let i = 0; i < userIds.length; i += MEMBERS_AT_ONCE) {
    await change(owner, ADD_MEMBERS, { roomId: room.id, userIds: userIds.slice(i, i + MEMBERS_AT_ONCE) });
  }
  return room.id;
}
