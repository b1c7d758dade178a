import { expect, test } from 'vitest';
import { decodeId, encodeId, type NodeType } from '../src/graphql/ids.ts';
import { listKeys } from '../src/graphql/paging.ts';
import { formatTime, parseTime } from '../src/platform/times.ts';
import { createDatabase, queryRows } from './harness/database.ts';

const DAY = 86_400_000;
const YEAR_1 = Date.UTC(2001, 0, 1) - 2000 * 365.2425 * DAY;
const YEAR_10000 = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
// The same times every run, all over the calendar, and the edges of days.
const times = Array.from({ length: 5_000 }, (_, i) => {
  const ms = Math.floor(YEAR_1 + ((i * 0.618034) % 1) * (YEAR_10000 - YEAR_1));
  return i % 5 === 0 ? Math.floor(ms / DAY) * DAY - (i % 2) : ms;
});

test('times are written as toISOString writes them', () => {
  for (const ms of times) expect(formatTime(new Date(ms))).toBe(new Date(ms).toISOString());
  expect(() => formatTime(new Date(Number.NaN))).toThrow(RangeError);
});

test('times are read as PostgreSQL writes them, to the millisecond', async () => {
  const database = await createDatabase('template0');
  try {
    const rows = await queryRows<{ ms: string; said: string }>(
      database.url,
      `SELECT ms, to_timestamp(ms / 1000.0)::timestamptz(3)::text AS said FROM unnest($1::bigint[]) AS ms`,
      [times],
    );
    expect(rows).toHaveLength(times.length);
    for (const { ms, said } of rows)
      expect({ said, ms: parseTime(said)?.getTime() }).toEqual({ said, ms: Number(ms) });
  } finally {
    await database.drop();
  }
});

test('what is no time in UTC is left to others', () => {
  for (const text of ['infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '12026-01-31 12:00:00+00', ''])
    expect(parseTime(text)).toBeNull();
  for (const text of ['2026-01-31 12:00:00+01', '2026-01-31 12:00:00+05:30', '2026-01-31 12:00:00'])
    expect(parseTime(text)).toBeNull();
  expect(parseTime('2026-01-31 12:00:00.123456+00')?.toISOString()).toBe('2026-01-31T12:00:00.123Z');
});

test('ids have one spelling', () => {
  const pairs: NodeType[] = ['RoomMembership', 'Message'];
  for (const type of ['User', 'Session', 'Room', ...pairs] as const) {
    const keys: [number, number?] = pairs.includes(type) ? [12, 2 ** 53 - 1] : [2 ** 53 - 1];
    const id = encodeId(type, ...keys);
    expect(decodeId(id)).toEqual({ type, keys });
    const odd = [
      ` ${id}`,
      `${id} `,
      id.toUpperCase(),
      id.replace('_', '-'),
      id.replace('_', '_0'),
      `${id}_1`,
    ];
    for (const other of odd) expect(decodeId(other)).toBeNull();
  }
  for (const id of [
    '',
    'msg_1',
    'room_1_2',
    'room_0',
    'room_-1',
    'room_1.5',
    'room_1e3',
    'nothing_1',
    `room_${2 ** 53}`,
  ])
    expect(decodeId(id)).toBeNull();
});

test('cursors of lists hold any text, and pass for no other list', () => {
  for (const name of ['', 'café', 'a:b', '100%', '\u{1f600}', '%3A']) {
    const cursor = listKeys('directory', 'string', 'number').encode(name, 7);
    expect(listKeys('directory', 'string', 'number').decode(cursor)).toEqual([name, 7]);
    expect(listKeys('members', 'string', 'number').decode(cursor)).toBeNull();
    expect(listKeys('directory', 'string').decode(cursor)).toBeNull();
  }
});
