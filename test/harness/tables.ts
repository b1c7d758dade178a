import type pg from 'pg';

/** A table with its columns that can be written to, as SQL names them. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

interface Row extends Table {
  readonly parents: readonly string[];
}

// Partitions are read and written through their table. The list of applied migrations belongs to one database only.
const TABLES = `
  SELECT quote_ident(c.relname) AS name,
    ARRAY(SELECT quote_ident(a.attname) FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
    ARRAY(SELECT quote_ident(p.relname) FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
      WHERE k.conrelid = c.oid AND k.contype = 'f' AND p.oid <> c.oid) AS parents
  FROM pg_class c
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
    AND c.relname <> '_prisma_migrations'
  ORDER BY c.relname`;

/** The tables of the database, each after those that its foreign keys refer to. */
export async function listTables(client: Pick<pg.ClientBase, 'query'>): Promise<Table[]> {
  const { rows } = await client.query<Row>(TABLES);
  const sorted = new Map<string, Row>();
  while (sorted.size < rows.length) {
    const free = rows.filter(
      ({ name, parents }) => !sorted.has(name) && parents.every((parent) => sorted.has(parent)),
    );
    if (free.length === 0) throw new Error('foreign keys refer to one another in a circle');
    for (const row of free) sorted.set(row.name, row);
  }
  return [...sorted.values()].map(({ name, columns }) => ({ name, columns }));
}
