/**
 * The part of Apollo Client 4 that this package uses, so that a checkout needs no copy of it. Only this package is
 * compiled with it: applications have the types of their own Apollo Client.
 */
declare module '@apollo/client' {
  import type { DocumentNode } from 'graphql';

  interface Observer<Value> {
    next(value: Value): void;
    error(error: unknown): void;
    complete(): void;
  }

  export class Observable<Value> {
    constructor(subscribe: (observer: Observer<Value>) => void);
    private readonly value: Value;
  }

  export class ApolloLink {
    constructor(request: (operation: ApolloLink.Operation) => Observable<ApolloLink.Result>);
  }

  export namespace ApolloLink {
    interface Operation {
      readonly query: DocumentNode;
      readonly variables: Record<string, unknown>;
    }
    interface Result {
      readonly data?: Record<string, unknown> | null;
      readonly errors?: readonly { readonly message: string }[];
    }
  }

  export interface Reference {
    readonly __ref: string;
  }

  interface ModifyTools {
    readonly storeFieldName: string;
    readonly DELETE: object;
    readonly readField: <Value>(name: string, from: Reference) => Value | undefined;
    readonly toReference: (object: {
      readonly __typename: string;
      readonly id: string;
    }) => Reference | undefined;
  }

  interface WriteOptions {
    readonly id: string;
    readonly fragment: DocumentNode;
    readonly data: object;
  }

  interface ModifyOptions<Entity> {
    readonly id: string;
    readonly fields: {
      readonly [Name in keyof Entity]?: (value: Entity[Name], tools: ModifyTools) => object;
    };
  }

  export interface ApolloCache {
    batch(options: { update(): void }): unknown;
    evict(options: { readonly id: string }): boolean;
    gc(): string[];
    identify(object: { readonly __typename: string; readonly id: string }): string | undefined;
    modify<Entity>(options: ModifyOptions<Entity>): boolean;
    writeFragment(options: WriteOptions): unknown;
  }
}
