import { type Sql, statement } from '../platform/db.ts';

export interface RevisionRow {
  readonly version: number;
  readonly text: string;
  readonly replacedAt: Date;
}

/** A page of the earlier texts of one message. */
export interface RevisionsPage {
  readonly roomId: number;
  readonly roomSeq: number;
  /** Only versions below it. */
  readonly before: number;
  readonly limit: number;
}

const pagesOf = statement(`
  SELECT x.ord::int - 1 AS page, r.version, r.text, r.replaced_at AS "replacedAt"
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[])
    WITH ORDINALITY AS x(room_id, room_seq, before, count, ord)
  CROSS JOIN LATERAL (
    SELECT * FROM message_revisions r
    WHERE r.room_id = x.room_id AND r.room_seq = x.room_seq AND r.version < x.before
    ORDER BY r.version DESC LIMIT x.count
  ) r ORDER BY x.ord, r.version DESC`);

/** Returns pages of many messages in one statement, in the order of the request, the newest version first. */
export async function listRevisionPages(
  sql: Sql,
  pages: readonly RevisionsPage[],
): Promise<readonly RevisionRow[][]> {
  const rows = await sql.rows<RevisionRow & { page: number }>(pagesOf, [
    pages.map(({ roomId }) => roomId),
    pages.map(({ roomSeq }) => roomSeq),
    pages.map(({ before }) => before),
    pages.map(({ limit }) => limit),
  ]);
  const found: RevisionRow[][] = pages.map(() => []);
  for (const row of rows) found[row.page]?.push(row);
  return found;
}
