import { type Sql, type Statement, statement } from '../platform/db.ts';
import { compositeOf, compositesOf, type Field } from './composite.ts';
import type { Beside, ChangeKind, ChangeOutcome, LockMode, PendingChange, RoomChange } from './kind.ts';

const columns = `kind, ord, status, room_seq AS "roomSeq", message_seq AS "messageSeq", created_at AS "createdAt", username,
  display_name AS "displayName", details`;

/** An outcome, with the array and the index of its change. */
type OutcomeRow = ChangeOutcome & { readonly kind: string; readonly ord: number };

/** Makes a batch of changes in one call, so one transaction. Returns one outcome for each change, in order. */
export async function callDatabase(
  sql: Sql,
  batch: readonly PendingChange[],
  lockMode: LockMode,
): Promise<ChangeOutcome[]> {
  const [one] = batch;
  if (one?.kind.singleFunction && batch.length === 1 && lockMode === 'waiting' && isPlain(one))
    return callAlone(sql, one.kind.singleFunction, one);
  const groups = groupByKind(batch);
  const parameters = [...groups].flatMap(([kind, places]) => parametersOf(kind, changesAt(batch, places)));
  const values = parameters.map(({ rows }) => compositesOf(rows));
  const rows = await sql.rows<OutcomeRow>(statementFor(parameters), [lockMode === 'skipping', ...values]);
  return inOrder(rows, groups, batch.length);
}

const isPlain = ({ kind, change }: PendingChange) =>
  (kind.beside ?? []).every((beside) => beside.rows(change).length === 0);

function callAlone(sql: Sql, name: string, { kind, change }: PendingChange): Promise<ChangeOutcome[]> {
  return sql.rows(statementAlone(name, kind), [compositeOf(kind.fields(change))]);
}

/** An array that `make_changes` takes. */
interface ArrayParameter {
  readonly parameter: string;
  readonly type: string;
  readonly rows: readonly (readonly Field[])[];
}

const changesAt = (batch: readonly PendingChange[], places: readonly number[]) =>
  places.map((place) => (batch[place] as PendingChange).change);

/** The changes of one kind, and what they have beside, if anything. */
function parametersOf(kind: ChangeKind, changes: readonly RoomChange[]): ArrayParameter[] {
  const { parameter, type, beside = [] } = kind;
  const own = { parameter, type, rows: changes.map((change) => kind.fields(change)) };
  const more = beside.map((each) => ({ ...each, rows: placedRows(each, changes) }));
  return [own, ...more.filter(({ rows }) => rows.length > 0)];
}

/** The rows beside changes, each behind the place of its change. */
const placedRows = (beside: Beside<RoomChange>, changes: readonly RoomChange[]) =>
  changes.flatMap((change, i) => beside.rows(change).map((row) => [i + 1, ...row]));

/** The positions in the batch of the changes of each kind. */
function groupByKind(batch: readonly PendingChange[]): Map<ChangeKind, number[]> {
  const groups = new Map<ChangeKind, number[]>();
  for (const [place, { kind }] of batch.entries()) {
    const places = groups.get(kind);
    if (places) places.push(place);
    else groups.set(kind, [place]);
  }
  return groups;
}

function inOrder(
  rows: readonly OutcomeRow[],
  groups: ReadonlyMap<ChangeKind, readonly number[]>,
  length: number,
): ChangeOutcome[] {
  const placesOf = new Map([...groups].map(([{ name }, places]) => [name, places]));
  const outcomes = Array.from<ChangeOutcome>({ length });
  for (const row of rows) outcomes[placesOf.get(row.kind)?.[row.ord - 1] ?? -1] = row;
  if (rows.length !== length) throw new Error(`${length} changes have ${rows.length} outcomes`);
  return outcomes;
}

// -- statements --------------------------------------------------------------------------------

const statements = new Map<string, Statement>();

function kept(text: string): Statement {
  const known = statements.get(text) ?? statement(text);
  statements.set(text, known);
  return known;
}

const statementFor = (parameters: readonly ArrayParameter[]) => {
  const given = parameters.map(({ parameter, type }, i) => `${parameter} => $${i + 2}::${type}[]`);
  return kept(`SELECT ${columns} FROM make_changes($1::boolean, ${given.join(', ')})`);
};

const statementAlone = (name: string, { type }: ChangeKind) =>
  kept(`SELECT ${columns} FROM ${name}($1::${type})`);
