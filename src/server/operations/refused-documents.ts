import { hash } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { Lru } from '../../platform/lru.ts';
import { at } from './masking.ts';

/** Maximum of recently refused documents. */
export const MAX_REFUSED_DOCUMENTS = 2_000;
/** Total size of their errors. */
export const MAX_REFUSED_BYTES = 2_000_000;

/** Size of an entry without its messages. */
const ENTRY_BYTES = 200;

/**
 * Keeps the errors of refused documents by the SHA-256 of their text. A repeated hostile document is only hashed, not
 * parsed or measured. Neither the text nor its parsed form is kept.
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

/** Hashes UTF-16, because in UTF-8 all unpaired surrogates are equal. */
function keyOf(query: string): string {
  return hash('sha256', Buffer.from(query, 'utf16le'), 'base64');
}

/** An error that is equal for clients, without the nodes of the document. */
function errorOf({ message, locations, extensions }: GraphQLFormattedError): GraphQLError {
  return at(locations, new GraphQLError(message, { extensions: { ...extensions } }));
}
