/**
 * Converts times to and from text. Every message needs both, and generic functions take half a microsecond each. Here a
 * day is computed once, and only digits remain.
 */

export const DAY_MS = 86_400_000;
const padded = (count: number, digits: number) =>
  Array.from({ length: count }, (_, i) => String(i).padStart(digits, '0'));
const [two, three] = [padded(60, 2), padded(1_000, 3)];

let written = { day: Number.NaN, text: '' };

/**
 * The same as `toISOString`.
 * @throws RangeError for an invalid date
 */
export function formatTime(time: Date): string {
  const day = Math.floor(time.getTime() / DAY_MS);
  if (day !== written.day) written = { day, text: time.toISOString().slice(0, -'00:00:00.000Z'.length) };
  const ms = time.getTime() - day * DAY_MS;
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  return `${written.text}${two[Math.floor(minutes / 60)]}:${two[minutes % 60]}:${two[seconds % 60]}.${three[ms % 1_000]}Z`;
}

const SHORTEST = '2026-01-31 12:00:00+00'.length;
const LONGEST = '2026-01-31 12:00:00.123456+00'.length;

let read = { day: '', ms: 0 };

/** Parses a timestamptz as PostgreSQL writes it in UTC, to the millisecond; null for any other text. */
export function parseTime(text: string): Date | null {
  if (text.length < SHORTEST || text.length > LONGEST || text[10] !== ' ' || !text.endsWith('+00'))
    return null;
  const day = text.slice(0, 10);
  if (day !== read.day) read = { day, ms: Date.parse(`${day}T00:00:00Z`) };
  const pair = (at: number) => digit(text, at) * 10 + digit(text, at + 1);
  return new Date(read.ms + pair(11) * 3_600_000 + pair(14) * 60_000 + pair(17) * 1_000 + millis(text));
}

const digit = (text: string, at: number) => text.charCodeAt(at) - 48;

function millis(text: string): number {
  let [ms, weight] = [0, 100];
  for (let at = 20; at < text.length - 3 && weight >= 1; at++, weight /= 10) ms += weight * digit(text, at);
  return ms;
}
