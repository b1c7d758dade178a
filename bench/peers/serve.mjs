// What all peers share: their arguments, the commands that they are given, and what an event looks like.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  strict: false,
  options: { variant: { type: 'string' }, port: { type: 'string' } },
});

/** @type {Record<string, string>} `--name value`, as peer.ts passes them */
export const settings = Object.fromEntries(
  process.argv
    .slice(2)
    .flatMap((word, i, all) => (word.startsWith('--') ? [[word.slice(2), all[i + 1]]] : [])),
);
export const variant = String(values.variant);

/** An HTTP server that listens already. */
export async function listen(handler) {
  const server = createServer(handler);
  await new Promise((resolve) =>
    server.listen({ port: Number(values.port ?? 0), host: '127.0.0.1', backlog: 4096 }, resolve),
  );
  return server;
}

/** Says that all is ready, and does what it is told. */
export function serve(port, commands) {
  const obey = async ({ id, name, argument }) => {
    try {
      process.send({ id, result: (await commands[name](argument)) ?? null });
    } catch (error) {
      process.send({ id, error: String(error?.stack ?? error) });
    }
  };
  process.on('message', (message) => void obey(message));
  process.on('disconnect', () => process.exit()); // whoever started it is gone
  process.send({ id: 0, result: { port } });
}

export const TEXT =
  'The quick brown fox jumps over the lazy dog, and the dog, being lazy, thinks about it until late after';

let roomSeq = 100;

const ID = Buffer.from('Message:1:1').toString('base64url');
const AUTHOR = { id: 'VXNlcjox', displayName: 'Person 0' };
const RIGHTS = { viewerCanSend: true, viewerPermissions: ['SEND_MESSAGES'] };

/** What an application shows besides. Nothing is worked out for it here: everybody is told the same. */
const realRoom = () => ({ room: { id: 'Um9vbTox', lastMessageSeq: roomSeq, ...RIGHTS } });
const realMessage = () => ({
  editedAt: null,
  viewerCanEdit: false,
  viewerCanDelete: false,
  replyTo: { id: ID, seq: 1, text: `${TEXT} ~T${process.hrtime.bigint()}`, author: AUTHOR },
});

/** A message as Parley's clients get it: the same fields, as long as there. `at` is the time in ns, if not now. */
function makeEvent(room, at = process.hrtime.bigint()) {
  roomSeq++;
  const now = new Date().toISOString();
  return {
    topic: String(room),
    __typename: 'MessageCreated',
    cursor: 'Ed3YsTEBBA',
    roomSeq,
    occurredAt: now,
    ...(settings.real && realRoom()),
    message: {
      id: Buffer.from(`Message:1:${roomSeq}`).toString('base64url'),
      seq: roomSeq,
      text: `${TEXT} ~T${at}`,
      sentAt: now,
      idempotencyKey: randomUUID(),
      author: AUTHOR,
      ...(settings.real && realMessage()),
    },
  };
}

/** `publish(event)` for one event in each of these rooms, in one turn. */
export function publishing(publish) {
  return ({ rooms, at }) => {
    for (const room of rooms) publish(makeEvent(room, at));
  };
}

/** What GraphQL peers serve. */
export const SDL = `
  type ServerInfo { version: String! }
  type Query { serverInfo: ServerInfo! }
  type Author { id: ID! displayName: String! }
  type Message { id: ID! seq: Int! text: String! sentAt: String! idempotencyKey: String! author: Author!
    editedAt: String viewerCanEdit: Boolean! viewerCanDelete: Boolean! replyTo: Message }
  type Room { id: ID! lastMessageSeq: Int! viewerCanSend: Boolean! viewerPermissions: [String!]! }
  type MessageCreated { cursor: String! roomSeq: Int! occurredAt: String! room: Room message: Message! }
  type Subscription { room(id: ID!): MessageCreated! }`;

export const serverInfo = () => ({ version: '0.1.0' });
