import { type Sql, statement } from '../platform/db.ts';

export interface KindCount {
  /** `room_events.kind` */
  readonly kind: number;
  readonly events: number;
}

const add = statement(`
  INSERT INTO room_statistics AS s (kind, events) SELECT kind, count(*) FROM unnest($1::smallint[]) AS kind GROUP BY kind ORDER BY kind
  ON CONFLICT (kind) DO UPDATE SET events = s.events + excluded.events RETURNING kind, events`);

/** Counts events by kind; returns the new totals of these kinds. */
export function addToStatistics(sql: Sql, kinds: readonly number[]): Promise<KindCount[]> {
  return sql.rows<KindCount>(add, [kinds]);
}

const read = statement('SELECT kind, events FROM room_statistics');

export function readStatistics(sql: Sql): Promise<KindCount[]> {
  return sql.rows<KindCount>(read, []);
}
