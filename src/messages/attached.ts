import DataLoader from 'dataloader';
import { type Context, perScope } from '../context.ts';
import type { MessageKey } from '../graphql/ids.ts';
import { type Sql, type Statement, statement } from '../platform/db.ts';

/** Rows that belong to messages, also of many rooms, and are read for a page in one statement. */
export interface AttachedRows<Data> {
  /**
   * Selects the rows of messages whose rooms are $1 and whose numbers are $2. A row names its message as "roomId" and "roomSeq", those of
   * one message come in their order, and no column is of a type that JSON does not have.
   */
  readonly rows: Statement;
  /** The data of a message with rows: the first of them, and all. */
  of(first: never, rows: readonly never[]): Data;
  /** The data of a message without rows. */
  readonly none: Data;
}

/** What `attachedReader` was called with: the kinds of rows that one statement can read. */
const all: AttachedRows<unknown>[] = [];

interface Wanted {
  /** Index in `all`. */
  readonly kind: number;
  readonly key: MessageKey;
}

const nameOf = ({ roomId, roomSeq }: MessageKey) => `${roomId}.${roomSeq}`;

const loader = perScope(
  ({ node }) =>
    new DataLoader<Wanted, unknown, string>((wanted) => loadAll(node.db.read, wanted), {
      cacheKeyFn: ({ kind, key }) => `${kind} ${nameOf(key)}`,
    }),
);

/** Returns a reader of these rows. What is read at the same time, also of other kinds, takes one statement. */
export function attachedReader<Data>(
  rows: AttachedRows<Data>,
): (ctx: Context, key: MessageKey) => Promise<Data> {
  const kind = all.push(rows as AttachedRows<unknown>) - 1;
  return (ctx, key) => loader(ctx).load({ kind, key }) as Promise<Data>;
}

async function loadAll(sql: Sql, wanted: readonly Wanted[]): Promise<unknown[]> {
  const keys = groupBy(wanted, ({ kind }) => kind);
  const found = await readRows(sql, keys);
  return wanted.map(({ kind, key }) => {
    const rows = found.get(kind)?.get(nameOf(key)) as readonly never[] | undefined;
    const attached = all[kind] as AttachedRows<unknown>;
    return rows ? attached.of(rows[0] as never, rows) : attached.none;
  });
}

type RowsByMessage = ReadonlyMap<string, readonly MessageKey[]>;

async function readRows(
  sql: Sql,
  keys: ReadonlyMap<number, readonly Wanted[]>,
): Promise<ReadonlyMap<number, RowsByMessage>> {
  const [[only = 0, first = []] = []] = keys;
  if (keys.size === 1) {
    const rows = await sql.rows<MessageKey>((all[only] as AttachedRows<unknown>).rows, valuesOf(first));
    return new Map([[only, byMessage(rows)]]);
  }
  const values = all.flatMap((_rows, kind) => valuesOf(keys.get(kind) ?? []));
  const [row] = await sql.rows<{ rows: MessageKey[][] }>(together(), values);
  return new Map(row?.rows.map((rows, kind) => [kind, byMessage(rows)]));
}

const valuesOf = (wanted: readonly Wanted[]) => [
  wanted.map(({ key }) => key.roomId),
  wanted.map(({ key }) => key.roomSeq),
];

const byMessage = (rows: readonly MessageKey[]): RowsByMessage => groupBy(rows, nameOf);

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

let statementOfAll: Statement | null = null;

/**
 * The statements of all kinds as one, whichever are wanted: a statement for each choice would be planned and kept by each
 * connection.
 */
function together(): Statement {
  const rowsOf = ({ rows: { text } }: AttachedRows<unknown>, kind: number) =>
    `coalesce((SELECT json_agg(q) FROM (${text.replaceAll(/\$([12])/g, (_, n) => `$${2 * kind + Number(n)}`)}) q), '[]')`;
  statementOfAll ??= statement(`SELECT json_build_array(${all.map(rowsOf).join(', ')}) AS rows`);
  return statementOfAll;
}
