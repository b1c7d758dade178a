/** Numbers of one room, both ends included. */
export interface Stretch {
  readonly roomId: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Gives each stretch its rows, in the order of their numbers. Stretches may overlap, and rows may come repeatedly.
 * Linear in the rows and in the lengths of the stretches.
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
