import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import WebSocket from 'ws';
import { type Client, type ClientOptions, createClient, until } from '../../packages/client/src/index.ts';
import { emptyModel, type Model } from '../../packages/client/src/model.ts';
import { withRows } from '../../packages/client/src/rows.ts';
import { memoryStorage, type Storage } from '../../packages/client/src/storage.ts';
import { answered, comparable, depthsOf } from '../realtime/convergence/compare.ts';
import { inboxSnapshot } from './follower.ts';
import type { Person } from './people.ts';

export const PASSWORD = 'correct horse battery';

/** A client of the SDK in this process, with the memory that it keeps everything in. */
export class Device {
  readonly storage: Storage;
  /** The names of the operations that it sent over HTTP. */
  readonly operations: string[] = [];
  /** Those without an access token. */
  readonly anonymous: string[] = [];
  /** The sockets that it opened. */
  readonly sockets: WebSocket[] = [];
  client: Client;
  private readonly url: string;
  private readonly options: Partial<ClientOptions>;

  constructor(url: string, options: Partial<ClientOptions> = {}) {
    this.url = url;
    this.options = options;
    this.storage = options.storage ?? memoryStorage();
    this.client = this.open();
  }

  /** Signs in, and is up to date. */
  async signIn({ username }: { username: string }): Promise<this> {
    await this.client.login(username, PASSWORD);
    return this.live();
  }

  async live(): Promise<this> {
    await until(this.client.connection, ({ status }) => status === 'live');
    return this;
  }

  /** What happens when an application is closed and opened again. */
  async restart(): Promise<void> {
    await this.client.close();
    this.client = this.open();
  }

  /** What is stored, as the next start would see it. */
  async stored(): Promise<Model> {
    await this.client.flush();
    return withRows(emptyModel, await this.storage.load());
  }

  texts(roomId: string): (string | null)[] {
    return this.client
      .room(roomId)
      .messages.getSnapshot()
      .map(({ text }) => text);
  }

  /** Resolves when the room shows exactly these texts, all of them stored by the server. */
  async shows(roomId: string, texts: readonly string[]): Promise<void> {
    await until(this.client.room(roomId).messages, (all) =>
      isDeepStrictEqual(
        all.map(({ text, status }) => status === 'stored' && text),
        texts,
      ),
    );
  }

  /** Waits until it has come as far as a fresh snapshot; then they are the same, and nothing waits to be sent. */
  async expectLikeSnapshot(person: Person): Promise<void> {
    const { rooms } = await inboxSnapshot(person);
    const heads = Object.fromEntries(rooms.map(({ id, lastRoomSeq }) => [id, lastRoomSeq]));
    const reached = async () => headsOf(await this.stored());
    await expect.poll(reached).toEqual({ heads, waiting: [] });
    await this.live();
    const { state } = await this.stored();
    if (!state) throw new Error('Nothing is stored.');
    expect(comparable(answered(state, depthsOf(rooms)))).toEqual(comparable(rooms));
  }

  private open(): Client {
    const { operations, anonymous, sockets, options } = this;
    class CountedSocket extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets.push(this);
      }
    }
    const countingFetch: typeof fetch = (input, init) => {
      const name = /(?:query|mutation) (\w+)/.exec(init?.body as string)?.[1] ?? '';
      operations.push(name);
      if (!new Headers(init?.headers).has('authorization')) anonymous.push(name);
      return (options.fetch ?? fetch)(input, init);
    };
    const own = { webSocketImpl: CountedSocket, fetch: countingFetch, storage: this.storage };
    return createClient({ url: this.url, ...this.options, ...own });
  }
}

function headsOf({ state, outbox }: Model) {
  const rooms = Object.values(state?.rooms ?? {});
  return {
    heads: Object.fromEntries(rooms.map(({ id, lastRoomSeq }) => [id, lastRoomSeq])),
    waiting: Object.values(outbox).map(({ text, status }) => `${status} ${text}`),
  };
}
