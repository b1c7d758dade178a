import { GraphQLError } from 'graphql';
import { formatTime } from '../platform/times.ts';
import { builder } from './builder.ts';

const RFC_3339 = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

function parseDate(value: unknown): Date {
  const day = typeof value === 'string' ? RFC_3339.exec(value)?.[1] : undefined;
  const date = new Date(day === undefined ? Number.NaN : (value as string));
  if (day === undefined || !isDay(day) || !isStorable(date))
    throw new GraphQLError('DateTime must be an RFC 3339 time such as 2026-01-31T12:00:00.000Z.');
  return date;
}

/** Rejects days that do not exist: JavaScript turns the 30th of February into the 2nd of March. */
function isDay(text: string): boolean {
  const midnight = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text);
}

/** Rejects dates that the offset moved out of the four-digit years. */
function isStorable(date: Date): boolean {
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999;
}

builder.scalarType('DateTime', {
  description: 'A time in RFC 3339 format, in UTC, with milliseconds.',
  serialize: (value) => formatTime(value instanceof Date ? value : new Date(value)),
  parseValue: parseDate,
});

function parseCursor(value: unknown): string {
  if (typeof value !== 'string' || value.length > 4096)
    throw new GraphQLError('Cursor must be a string that came from this API.');
  return value;
}

builder.scalarType('Cursor', {
  description:
    'A position in a stream. Opaque: compare cursors only for equality. A cursor is valid only for the stream it came from.',
  serialize: (value) => value,
  parseValue: parseCursor,
});
