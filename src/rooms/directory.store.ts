import { roomKinds } from '../platform/database-codes.ts';
import { type Sql, statement } from '../platform/db.ts';

/** A room in the directory, which is ordered by name. */
export interface DirectoryRoom {
  readonly roomId: number;
  readonly name: string;
}

export interface DirectoryPage {
  readonly after: DirectoryRoom | null;
  readonly before: DirectoryRoom | null;
  readonly backwards: boolean;
  readonly limit: number;
}

/** The parameters of a statement, in the order of its text. */
class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, type: string): string {
    return `$${this.values.push(value)}::${type}`;
  }
}

const IN_DIRECTORY = `r.kind = ${roomKinds.PUBLIC} AND r.deleted_at IS NULL`;

/** Adds only the given bounds: one plan for both cases could not start at a bound. */
function within(page: DirectoryPage, key: string, parameters: Parameters): string {
  const at = ({ name, roomId }: DirectoryRoom) =>
    `(${parameters.add(name, 'text')}, ${parameters.add(roomId, 'bigint')})`;
  const bounds = [page.after && `${key} > ${at(page.after)}`, page.before && `${key} < ${at(page.before)}`];
  return bounds.filter(Boolean).join(' AND ') || 'true';
}

function orderOf({ backwards }: DirectoryPage, name: string, id: string): string {
  const direction = backwards ? 'DESC' : 'ASC';
  return `ORDER BY ${name} ${direction}, ${id} ${direction}`;
}

/** Rooms in the order of the directory, from the start or from the cursor of the page. */
function walk(page: DirectoryPage, limit: number, columns: string, parameters: Parameters): string {
  return `
    SELECT r.id AS "roomId", lower(r.name) AS name${columns} FROM rooms r
    WHERE ${IN_DIRECTORY} AND ${within(page, '(lower(r.name), r.id)', parameters)}
    ${orderOf(page, 'lower(r.name)', 'r.id')} LIMIT ${parameters.add(limit, 'int')}`;
}

function read(sql: Sql, text: string, { values }: Parameters): Promise<DirectoryRoom[]> {
  return sql.rows(statement(text), values);
}

/** Public rooms by name. */
export function listDirectory(sql: Sql, page: DirectoryPage): Promise<DirectoryRoom[]> {
  const parameters = new Parameters();
  return read(sql, walk(page, page.limit, '', parameters), parameters);
}

/** Searches the next `walked` rooms for the query in names and descriptions: cheap if many rooms contain it. */
export function searchNext(
  sql: Sql,
  query: string,
  page: DirectoryPage,
  walked: number,
): Promise<DirectoryRoom[]> {
  const parameters = new Parameters();
  const text = `
    SELECT w."roomId", w.name FROM (${walk(page, walked, ', r.search_text', parameters)}) w
    WHERE strpos(w.search_text, (SELECT fold_text(${parameters.add(query, 'text')}))) > 0
    ${orderOf(page, 'w.name', 'w."roomId"')} LIMIT ${parameters.add(page.limit, 'int')}`;
  return read(sql, text, parameters);
}

/** Searches all rooms by the index over parts of their texts: cheap if few rooms contain the query. */
export function searchAll(sql: Sql, query: string, page: DirectoryPage): Promise<DirectoryRoom[]> {
  const parameters = new Parameters();
  const folded = `fold_text(${parameters.add(query, 'text')})`;
  // OFFSET 0 is an optimisation fence: without it, the planner could scan the index of the directory instead.
  const text = `
    SELECT f."roomId", f.name FROM (
      SELECT r.id AS "roomId", lower(r.name) AS name, r.deleted_at FROM rooms r
      WHERE r.kind = ${roomKinds.PUBLIC} AND text_parts(r.search_text) @> (SELECT wanted_parts(${folded}))
        AND strpos(r.search_text, (SELECT ${folded})) > 0 OFFSET 0
    ) f
    WHERE f.deleted_at IS NULL AND ${within(page, '(f.name, f."roomId")', parameters)}
    ${orderOf(page, 'f.name', 'f."roomId"')} LIMIT ${parameters.add(page.limit, 'int')}`;
  return read(sql, text, parameters);
}
