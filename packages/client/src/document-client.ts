import type { Client, TypedDocument } from './client.ts';
import { ask, extend, type Observer, Subscription } from './document-subscription.ts';
import { prepare, prepareStream, type Source } from './document-text.ts';
import { ParleyError } from './errors.ts';
import type { TypedText } from './generated/documents.ts';
import { dataOf, type GraphQLResponse } from './http.ts';

export type { ItemInfo, Observer } from './document-subscription.ts';
export type { GraphQLProblem, GraphQLResponse } from './http.ts';

/**
 * A document with its types: a `TypedDocumentNode`, a document of the client preset of graphql-codegen in either
 * `documentMode`, or a text.
 */
export type OwnDocument<Data, Variables> =
  | TypedText<Data, Variables>
  | (Source & Pick<TypedDocument<Data, Variables>, '__apiType'>);

/** Runs the documents of an application over the connection of a client. */
export class Documents {
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
    extend(client);
  }

  /**
   * Runs a query or mutation as the viewer.
   * @throws ParleyError the code of the request error, `NETWORK`, `SIGNED_OUT` or `CLOSED`
   */
  async request<Data, Variables>(
    document: OwnDocument<Data, Variables>,
    variables: Variables,
  ): Promise<Data> {
    return dataOf(await this.respond(document, variables));
  }

  /**
   * The same, with the errors of the response: it may have data as well.
   * @throws ParleyError `NETWORK`, `SIGNED_OUT` or `CLOSED`
   */
  async respond<Data, Variables>(
    document: OwnDocument<Data, Variables>,
    variables: Variables,
  ): Promise<GraphQLResponse<Data>> {
    const { kind, text } = prepare(document);
    if (kind === 'subscription') throw new ParleyError('BAD_REQUEST', 'A subscription needs `subscribe`.');
    const call = { kind: 'request', text, variables, isQuery: kind === 'query' } as const;
    const response = (await ask(this.client, call)) as GraphQLResponse<Data> | undefined;
    return response ?? (await this.client.commands()).request(text as TypedText<Data, Variables>, variables);
  }

  /**
   * Follows `inbox` or `room` as the viewer, over any number of connections, from the cursor in the variables on. Returns
   * what ends it.
   * @throws ParleyError `GRAPHQL_PARSE_FAILED`, `BAD_REQUEST`
   */
  subscribe<Data, Variables>(
    document: OwnDocument<Data, Variables>,
    variables: Variables,
    observer: Observer<Data>,
  ): () => void {
    const prepared = prepareStream(document);
    const values = { ...(variables as Record<string, unknown>) };
    const subscription = new Subscription(this.client, prepared, values, observer as Observer<unknown>);
    return () => subscription.stop();
  }
}

/**
 * Lets an application run documents of its own over the connection of a client. To be called in every tab.
 *
 * @example
 * const documents = createDocuments(client);
 * const { room } = await documents.request(ROOM, { id });
 * const stop = documents.subscribe(MESSAGES, { id, after }, {
 *   next: ({ room }, { cursor }) => keep(room, cursor),
 *   error: ({ code }) => show(code),
 * });
 */
export function createDocuments(client: Client): Documents {
  return new Documents(client);
}
