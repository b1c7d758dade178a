import WebSocket from 'ws';
import { type Client, type ClientOptions, createClient, until } from '../../packages/client/src/index.ts';
import { emptyModel } from '../../packages/client/src/model.ts';
import type { State } from '../../packages/client/src/reducer.ts';
import { withRows } from '../../packages/client/src/rows.ts';
import type { Storage } from '../../packages/client/src/storage.ts';
import { memoryStorage } from '../../packages/client/src/storage.ts';
import type { TestNode } from './node.ts';

export const PASSWORD = 'correct horse battery';

/** A client of the SDK in this process. */
export function openClient(url: string, options: Partial<ClientOptions> = {}): Client {
  return createClient({ url, webSocketImpl: WebSocket, ...options });
}

export async function isLive(client: Client): Promise<void> {
  await until(client.connection, ({ status }) => status === 'live');
}

/** What a storage holds, as the next start of a client would see it. */
export async function storedState(storage: Storage): Promise<State | null> {
  return withRows(emptyModel, await storage.load()).state;
}

export interface Device {
  readonly client: Client;
  readonly storage: Storage;
}

/** A client with a memory that a test can look into, signed in. */
export async function signedInDevice(
  node: Pick<TestNode, 'url'>,
  username: string,
  options: Partial<ClientOptions> = {},
): Promise<Device> {
  const storage = options.storage ?? memoryStorage();
  const client = openClient(node.url, { ...options, storage });
  await client.login(username, PASSWORD);
  await isLive(client);
  return { client, storage };
}

/** The texts that a room shows. */
export const textsIn = (client: Client, roomId: string) =>
  client
    .room(roomId)
    .messages.getSnapshot()
    .map(({ text }) => text);
