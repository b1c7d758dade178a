import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TypedDocumentString } from '../client/gql/graphql.ts';
import {
  CreateRoomDocument,
  JoinRoomDocument,
  RegisterDocument,
  SendMessageDocument,
  WatchInboxDocument,
  WatchRoomDocument,
} from '../client/gql/graphql.ts';
import { type Feed, openFeed } from './feed.ts';
import type { TestNode } from './node.ts';

export interface Answer<Data> {
  readonly status: number;
  readonly data: Data | null;
  readonly errors: {
    message: string;
    path?: (string | number)[];
    extensions: { code: string; [name: string]: unknown };
  }[];
}

/** One operation over HTTP, as any client sends it. */
export async function ask<Data = Record<string, never>>(
  url: string,
  query: string,
  variables: object = {},
  token?: string,
): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data = null, errors = [] } = (await response.json()) as {
    data?: Data;
    errors?: Answer<Data>['errors'];
  };
  return { status: response.status, data, errors };
}

type Documented<Data, Variables> = TypedDocumentString<Data, Variables>;

/** A user with an account, who calls a node like a client, with generated documents. */
export class Person {
  readonly node: TestNode;
  readonly userId: string;
  readonly username: string;
  readonly token: string;
  readonly refreshToken: string;

  constructor(node: TestNode, userId: string, username: string, token: string, refreshToken: string) {
    this.node = node;
    this.userId = userId;
    this.username = username;
    this.token = token;
    this.refreshToken = refreshToken;
  }

  /** The same user at another node. */
  via(node: TestNode): Person {
    return new Person(node, this.userId, this.username, this.token, this.refreshToken);
  }

  /** The same user on another device. */
  withToken(token: string): Person {
    return new Person(this.node, this.userId, this.username, token, '');
  }

  /** Runs an operation whose answer must have no errors. */
  async run<Data, Variables extends object>(
    document: Documented<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    const { data, errors } = await ask<Data>(this.node.url, document.toString(), variables, this.token);
    if (errors.length || !data) throw new Error(`${this.username}: ${JSON.stringify(errors)}`);
    return data;
  }

  /** Any other document. */
  ask<Data = any>(query: string, variables: object = {}): Promise<Answer<Data>> {
    return ask<Data>(this.node.url, query, variables, this.token);
  }

  /** A mutation: its result union with every refusal's facts. `fields` are those of the success. */
  async change(name: string, input: object, fields = 'roomSeq'): Promise<any> {
    const Name = name.charAt(0).toUpperCase() + name.slice(1);
    const { data, errors } = await this.ask(
      `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename ... on ${Name}Success { ${fields} } ... on UserError { code detail path } } }`,
      { input },
    );
    if (errors.length) throw new Error(`${name}: ${JSON.stringify(errors)}`);
    return data[name];
  }

  async createRoom(name: string, kind: 'PUBLIC' | 'PRIVATE' = 'PUBLIC'): Promise<string> {
    const { createRoom } = await this.run(CreateRoomDocument, {
      input: { name, kind, idempotencyKey: randomUUID() },
    });
    if (createRoom?.__typename !== 'CreateRoomSuccess') throw new Error(JSON.stringify(createRoom));
    return createRoom.room.id;
  }

  async join(roomId: string): Promise<void> {
    const { joinRoom } = await this.run(JoinRoomDocument, { input: { roomId } });
    if (joinRoom?.__typename !== 'JoinRoomSuccess') throw new Error(JSON.stringify(joinRoom));
  }

  /** Posts and expects it to be stored. */
  async say(roomId: string, text: string, more: { replyToId?: string; idempotencyKey?: string } = {}) {
    const { sendMessage } = await this.run(SendMessageDocument, {
      input: { roomId, text, idempotencyKey: randomUUID(), ...more },
    });
    if (sendMessage?.__typename !== 'SendMessageSuccess') throw new Error(JSON.stringify(sendMessage));
    return sendMessage;
  }

  watch(roomId: string, after?: string | null): Promise<Feed> {
    return openFeed(
      this.node.wsUrl,
      this.token,
      WatchRoomDocument.toString(),
      { id: roomId, after: after ?? null },
      'room',
    );
  }

  watchInbox(after?: string | null): Promise<Feed> {
    return openFeed(
      this.node.wsUrl,
      this.token,
      WatchInboxDocument.toString(),
      { after: after ?? null },
      'inbox',
    );
  }
}

const SIGN_UPS = 10;

/** A new account. If a loaded server asks for a repetition, another name is used, because the first may be stored. */
export async function signUp(node: TestNode, name = 'someone'): Promise<Person> {
  let answer: any;
  for (let i = 0; i < SIGN_UPS; i++) {
    const username = `${name}-${randomUUID().slice(0, 8)}`;
    const email = `${username}@example.org`;
    const input = { username, displayName: name, email, password: 'correct horse battery' };
    answer = await ask<any>(node.url, RegisterDocument.toString(), { input });
    const registered = answer.data?.register;
    if (registered?.__typename === 'RegisterSuccess') {
      const { accessToken, refreshToken } = registered.tokens;
      return new Person(node, registered.viewer.user.id, username, accessToken, refreshToken);
    }
    if (!JSON.stringify(answer).includes('"UNAVAILABLE"')) break;
    await delay(1_000);
  }
  throw new Error(JSON.stringify(answer));
}

export async function signUpAll<const Names extends string[]>(node: TestNode, ...names: Names) {
  const people = await Promise.all(names.map((name) => signUp(node, name)));
  return Object.fromEntries(names.map((name, i) => [name, people[i]])) as Record<Names[number], Person>;
}
