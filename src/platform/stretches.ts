/** A range of numbers of one room, both ends included. */
export interface Stretch {
  readonly roomId: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Returns the rows of each range, in the order of their numbers. Ranges may overlap, and rows may repeat. The time is
 * linear in the rows and in the lengths of the ranges.
 */
export function splitByStretch<Row extends { readonly roomId: number }>(
  rows: readonly Row[],
  stretches: readonly Stretch[],
  numberOf: (row: Row) => number,
): Row[][] {
  const rooms = new Map<number, Map<number, Row>>();
  for (const row of rows) {
    const { roomId } = row;
    const room = rooms.get(roomId) ?? new Map<number, Row>();
    rooms.set(roomId, room.set(numberOf(row), row));
  }
  return stretches.map((stretch) => rowsOf(rooms.get(stretch.roomId), stretch));
}

function rowsOf<Row>(room: ReadonlyMap<number, Row> | undefined, { low, high }: Stretch): Row[] {
  const rows: Row[] = [];
  if (!room) return rows;
  for (let number = low; number <= high; number++) {
    const row = room.get(number);
    if (row) rows.push(row);
  }
  return rows;
}
