import { GraphQLError, type GraphQLResolveInfo } from 'graphql';

type Path = GraphQLResolveInfo['path'];

/**
 * Counts the characters (UTF-16 units) of the names, texts and errors of one response, up to limits of characters and
 * errors.
 */
export class ResponseSize {
  readonly maxErrors: number;
  private readonly limit: number;
  private characters = 0;

  constructor(limit: number, maxErrors = Number.POSITIVE_INFINITY) {
    this.limit = limit;
    this.maxErrors = maxErrors;
  }

  /** At most the limit: the rest is not sent. */
  get total(): number {
    return Math.min(this.characters, this.limit);
  }

  /** Whether the response is discarded anyway. */
  get isExceeded(): boolean {
    return this.characters > this.limit;
  }

  add(characters: number): void {
    this.characters += characters;
  }

  /** An error repeats all names of its path. */
  addError({ message }: Error, place: Path | undefined): void {
    this.characters += message.length;
    for (let path = place; path; path = path.prev) this.characters += String(path.key).length;
  }

  error(): GraphQLError {
    return new GraphQLError(`The response is too large: it has more than ${this.limit} characters.`, {
      extensions: { code: 'OPERATION_TOO_LARGE' },
    });
  }
}
