import { hash } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { Lru } from '../../platform/lru.ts';
import { at } from './masking.ts';

/** Documents that were refused lately. */
export const MAX_REFUSED_DOCUMENTS = 2_000;
/** Of all their errors together. */
export const MAX_REFUSED_BYTES = 2_000_000;

/** An entry without its messages. */
const ENTRY_BYTES = 200;

/**
 * Why documents were refused, by the SHA-256 of their text: a client that repeats a hostile document has it hashed, and
 * neither parsed nor measured. Keeps neither the text nor anything that was made of it.
 */
export class RefusedDocuments {
  private readonly entries = new Lru<readonly GraphQLFormattedError[]>(
    MAX_REFUSED_DOCUMENTS,
    MAX_REFUSED_BYTES,
  );

  get(query: string): readonly GraphQLError[] | undefined {
    return this.entries.get(keyOf(query))?.map(errorOf);
  }

  add(query: string, errors: readonly GraphQLError[]): void {
    const formatted = errors.map((error) => error.toJSON());
    this.entries.set(keyOf(query), formatted, ENTRY_BYTES + Buffer.byteLength(JSON.stringify(formatted)));
  }
}

/** Not of its UTF-8: that is the same for all halves of surrogate pairs. */
function keyOf(query: string): string {
  return hash('sha256', Buffer.from(query, 'utf16le'), 'base64');
}

/** Equal to a client, without the nodes of the document. */
function errorOf({ message, locations, extensions }: GraphQLFormattedError): GraphQLError {
  return at(locations, new GraphQLError(message, { extensions: { ...extensions } }));
}
