import { describe, expect, test } from 'vitest';
import { splitByStretch } from '../src/platform/stretches.ts';

/** Rows that count how often something looked at them. */
function countedRows(count: number) {
  let looks = 0;
  const rows = Array.from({ length: count }, (_, i) => ({
    get roomId() {
      looks++;
      return 1 + (i % 10);
    },
    number: 1 + Math.floor(i / 10),
  }));
  return { rows, looks: () => looks };
}

describe('rows of several stretches', () => {
  const row = (roomId: number, number: number) => ({ roomId, number });
  const rows = [row(2, 1), row(1, 3), row(1, 2), row(1, 3), row(1, 1)];
  const numbers = (roomId: number, low: number, high: number) =>
    splitByStretch(rows, [{ roomId, low, high }], ({ number }) => number).map((each) =>
      each.map(({ number }) => number),
    );

  test('come once, in their order, and from their own room', () => {
    expect(numbers(1, 1, 3)).toEqual([[1, 2, 3]]);
    expect(numbers(1, 2, 9)).toEqual([[2, 3]]);
    expect(numbers(2, 1, 3)).toEqual([[1]]);
    expect(numbers(3, 1, 3)).toEqual([[]]);
    expect(numbers(1, 3, 2)).toEqual([[]]);
  });

  test('are looked at once, however many stretches there are', () => {
    const { rows: counted, looks } = countedRows(1_000);
    const stretches = Array.from({ length: 1_000 }, (_, i) => ({
      roomId: 1 + (i % 10),
      low: 1 + Math.floor(i / 10),
      high: 1 + Math.floor(i / 10),
    }));
    expect(splitByStretch(counted, stretches, ({ number }) => number).flat()).toHaveLength(1_000);
    expect(looks()).toBe(1_000);
  });
});
