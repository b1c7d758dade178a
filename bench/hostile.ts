/**
 * How long the most expensive input of each kind holds up the event loop: `npm run bench:hostile`. Of documents it finds
 * the largest that is accepted, and the size at which a refusal is most expensive. Ends with 1 where something takes
 * longer than allowed. The times are CPU times, so that a busy machine does not change them much.
 */
import { execute, parse } from 'graphql';
import { loadSettings } from '../src/config.ts';
import { plainText } from '../src/messages/plain-text.ts';
import { MAX_TEXT } from '../src/messages/text.ts';
import { createMetrics } from '../src/platform/telemetry.ts';
import { schema } from '../src/schema.ts';
import { AcceptedDocument, Documents } from '../src/server/operations/documents.ts';
import { refusedVariables } from '../src/server/operations/variables.ts';
import { hostileDocuments } from '../test/harness/hostile-documents.ts';
import { hostileTexts } from '../test/harness/hostile-texts.ts';

const ALLOWED_MS = 25;
const REPETITIONS = 15;
const LARGEST = 70_000;
const SIZES = [1, 5, 10, 20, 50, 100, 150, 200, 400, 800, 1_300, 1_900, 3_000, 4_000, 8_000, 30_000, 60_000];

interface Row {
  readonly kind: string;
  readonly outcome: string;
  readonly bytes: number;
  readonly ms: number;
}

const settings = loadSettings({});
const metrics = createMetrics();
const check = (text: string) => new Documents(schema, settings, metrics).check(text);
const isAccepted = (text: string) => check(text) instanceof AcceptedDocument;

/** The median of the CPU times, in milliseconds. */
function timeOf(run: () => unknown): number {
  const times = Array.from({ length: REPETITIONS }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return times.sort((a, b) => a - b)[REPETITIONS >> 1] ?? Number.NaN;
}

/** The largest accepted size, if the smallest is accepted. */
function largestAccepted(make: (n: number) => string): string | null {
  let [accepted, refused] = [1, LARGEST];
  if (!isAccepted(make(accepted))) return null;
  while (refused - accepted > 1) {
    const middle = (accepted + refused) >> 1;
    if (isAccepted(make(middle))) accepted = middle;
    else refused = middle;
  }
  return make(accepted);
}

function rowsOf(kind: string, make: (n: number) => string): Row[] {
  const row = (outcome: string) => (text: string) => ({
    kind,
    outcome,
    bytes: Buffer.byteLength(text),
    ms: timeOf(() => check(text)),
  });
  const accepted = largestAccepted(make);
  const refused = SIZES.map(make).filter((text) => !isAccepted(text));
  const worst = refused.map(row('refused')).sort((a, b) => b.ms - a.ms)[0];
  return [...(accepted === null ? [] : [row('accepted')(accepted)]), ...(worst ? [worst] : [])];
}

function print(rows: readonly Row[]): void {
  console.log('| most expensive | | bytes | CPU ms |\n|---|---|--:|--:|');
  for (const { kind, outcome, bytes, ms } of rows)
    console.log(`| ${kind} | ${outcome} | ${bytes} | ${ms.toFixed(1)} |`);
}

/** The time of the largest message of each kind without the cache. */
function rowsOfTexts(): Row[] {
  return Object.entries(hostileTexts).map(([kind, make]) => {
    const text = make(MAX_TEXT);
    const ms = timeOf(() => plainText(text));
    return { kind: `Message.plainText: ${kind}`, outcome: 'answered', bytes: Buffer.byteLength(text), ms };
  });
}

const send = parse('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }');
const hostileVariables: Readonly<Record<string, unknown>> = {
  'many unknown fields': Object.fromEntries(
    Array.from({ length: 4_000 }, (_, i) => [`idempotencyKe${i}`, 1]),
  ),
  'unknown fields and a long text': {
    ...Object.fromEntries(Array.from({ length: 1_900 }, (_, i) => [`idempotencyKe${i}`, 1])),
    text: 'x'.repeat(50_000),
  },
  'lists in lists': JSON.parse('['.repeat(4_000) + ']'.repeat(4_000)),
};

function rowsOfVariables(): Row[] {
  const [operation] = send.definitions;
  return Object.entries(hostileVariables).map(([kind, input]) => ({
    kind: `variables: ${kind}`,
    outcome: 'refused',
    bytes: JSON.stringify(input).length,
    ms: timeOf(() => refusedVariables(schema, operation as never, { input }, false)),
  }));
}

/** Introspection is executed at once, without waiting for anything. */
function rowsOfIntrospection(): Row[] {
  const kinds = Object.entries(hostileDocuments).filter(([kind]) => kind.includes('introspection'));
  return kinds.flatMap(([kind, make]) => {
    const text = largestAccepted(make);
    if (text === null) return [];
    const document = parse(text);
    const ms = timeOf(() => execute({ schema, document, contextValue: {} }));
    return [{ kind, outcome: 'executed', bytes: Buffer.byteLength(text), ms }];
  });
}

const rows = [
  ...Object.entries(hostileDocuments).flatMap(([kind, make]) => rowsOf(kind, make)),
  ...rowsOfVariables(),
  ...rowsOfIntrospection(),
  ...rowsOfTexts(),
];
rows.sort((a, b) => b.ms - a.ms);
print(rows);
const slow = rows.filter(({ ms }) => ms > ALLOWED_MS);
for (const { kind, ms } of slow)
  console.error(`bench: ${kind}: ${ms.toFixed(1)} ms, allowed are ${ALLOWED_MS}`);
process.exitCode = slow.length > 0 ? 1 : 0;
