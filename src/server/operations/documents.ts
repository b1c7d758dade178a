import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  parse,
  SingleFieldSubscriptionsRule,
  Source,
  specifiedRules,
  validate,
} from 'graphql';
import type { Settings } from '../../config.ts';
import { Lru } from '../../platform/lru.ts';
import type { Metrics } from '../../platform/telemetry.ts';
import { withCode } from './masking.ts';
import { DocumentMeasure, type LimitSettings, type Measured, type Variables } from './operation-limits.ts';
import { RefusedDocuments } from './refused-documents.ts';
import { oneUnconditionalRoot } from './subscription-roots.ts';
import { MAX_LINES, tooLarge, type Work } from './work-budget.ts';

export type DocumentSettings = LimitSettings &
  Pick<Settings, 'MAX_DOCUMENT_BYTES' | 'MAX_TOKENS' | 'isProduction'>;

/** A document that passed all checks without variables. */
export class AcceptedDocument {
  readonly node: DocumentNode;
  private readonly measure: DocumentMeasure;
  private readonly measured: ReadonlyMap<OperationDefinitionNode, Measured>;

  constructor(
    node: DocumentNode,
    measure: DocumentMeasure,
    measured: ReadonlyMap<OperationDefinitionNode, Measured>,
  ) {
    this.node = node;
    this.measure = measure;
    this.measured = measured;
  }

  /** The work of measuring it. */
  get work(): Readonly<Record<Work, number>> {
    return this.measure.budget.spent;
  }

  measuredWith(operation: OperationDefinitionNode, variables: Variables): Measured {
    const known = this.measured.get(operation);
    return known && !known.dependsOnVariables ? known : this.measure.one(operation, variables);
  }
}

const CACHED_DOCUMENTS = 1_000;
// A parsed document takes about twenty times the memory of its text.
const CACHED_CHARACTERS = 2_000_000;
const MAX_VALIDATION_ERRORS = 10;
const RULES = [
  ...specifiedRules.filter((rule) => rule !== SingleFieldSubscriptionsRule),
  oneUnconditionalRoot,
];

/** Parses, measures and validates documents, each once: it keeps the outcome of accepted and refused documents. */
export class Documents {
  private readonly schema: GraphQLSchema;
  private readonly settings: DocumentSettings;
  private readonly metrics: Pick<Metrics, 'documents'>;
  private readonly accepted = new Lru<AcceptedDocument>(CACHED_DOCUMENTS, CACHED_CHARACTERS);
  private readonly refused = new RefusedDocuments();

  constructor(schema: GraphQLSchema, settings: DocumentSettings, metrics: Pick<Metrics, 'documents'>) {
    this.schema = schema;
    this.settings = settings;
    this.metrics = metrics;
  }

  /** Whether the document is in the cache of accepted ones. */
  accepts(query: string): boolean {
    return this.accepted.get(query) !== undefined;
  }

  /** Returns the document, or the errors that refuse it. */
  check(query: string): AcceptedDocument | readonly GraphQLError[] {
    const accepted = this.accepted.get(query);
    if (accepted) return accepted;
    const oversized = this.oversized(query);
    const known = oversized ?? this.refused.get(query);
    if (known) {
      this.metrics.documents.inc({ outcome: oversized ? 'refused' : 'refused again' });
      return known;
    }
    return this.remember(query, this.judge(query));
  }

  private remember(query: string, judged: AcceptedDocument | readonly GraphQLError[]) {
    const isAccepted = judged instanceof AcceptedDocument;
    if (isAccepted) this.accepted.set(query, judged, query.length);
    else this.refused.add(query, judged);
    this.metrics.documents.inc({ outcome: isAccepted ? 'accepted' : 'refused' });
    return judged;
  }

  /** Checked first, because it is cheaper than a hash. */
  private oversized(query: string): readonly GraphQLError[] | undefined {
    const { MAX_DOCUMENT_BYTES } = this.settings;
    if (query.length * 3 <= MAX_DOCUMENT_BYTES || Buffer.byteLength(query) <= MAX_DOCUMENT_BYTES)
      return undefined;
    return [tooLarge(`its document has more than ${MAX_DOCUMENT_BYTES} bytes`)];
  }

  private judge(query: string): AcceptedDocument | readonly GraphQLError[] {
    try {
      return this.judgeParsed(this.parse(query));
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      // The parser ran out of stack; the number of tokens does not limit nesting.
      if (error instanceof RangeError) return [tooLarge('it is nested too deeply')];
      throw error;
    }
  }

  private parse(query: string): DocumentNode {
    if (hasMoreLines(query, MAX_LINES)) throw tooLarge(`its document has more than ${MAX_LINES} lines`);
    const { MAX_TOKENS } = this.settings;
    try {
      return parse(new Source(query, 'document'), { maxTokens: MAX_TOKENS });
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      if (!/tokens\. Parsing aborted/.test(error.message)) throw withCode(error, 'GRAPHQL_PARSE_FAILED');
      throw tooLarge(`it has more than ${MAX_TOKENS} tokens`);
    }
  }

  private judgeParsed(document: DocumentNode): AcceptedDocument | readonly GraphQLError[] {
    const measure = new DocumentMeasure(this.schema, this.settings, document);
    if (measure.operations.length === 0) return [unknownOperation(null)];
    const measured = measure.all();
    const excesses = [...measured.values()].flatMap(({ errors }) => errors).filter(isTooLarge);
    if (excesses.length > 0) return excesses;
    const errors = validate(this.schema, document, RULES, {
      maxErrors: MAX_VALIDATION_ERRORS,
      hideSuggestions: this.settings.isProduction,
    });
    if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    return new AcceptedDocument(document, measure, measured);
  }
}

export function unknownOperation(name: string | null | undefined): GraphQLError {
  const message = name
    ? `The document has no operation named "${name}".`
    : 'The document must have exactly one operation, or operationName must name one.';
  return withCode(new GraphQLError(message), 'GRAPHQL_VALIDATION_FAILED');
}

function isTooLarge(error: GraphQLError): boolean {
  return error.extensions['code'] === 'OPERATION_TOO_LARGE';
}

function hasMoreLines(text: string, limit: number): boolean {
  let lines = 1;
  for (const _end of text.matchAll(/\r\n|[\n\r]/g)) if (++lines > limit) return true;
  return false;
}
