import pg from 'pg';

/** Writes to the logs of rooms like the functions of the server, on connections whose transactions the test ends. */
export class LogWriter {
  private readonly client: pg.Client;

  private constructor(client: pg.Client) {
    this.client = client;
  }

  static async connect(url: string): Promise<LogWriter> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined); // the test ends the server's side of it
    await client.connect();
    return new LogWriter(client);
  }

  async createRooms(count: number): Promise<number[]> {
    const { rows } = await this.client.query<{ id: string }>(
      `INSERT INTO rooms (kind, created_by) SELECT 1, 0 FROM generate_series(1, $1::int) RETURNING id`,
      [count],
    );
    const ids = rows.map(({ id }) => Number(id));
    await this.client.query('INSERT INTO room_heads (room_id) SELECT unnest($1::bigint[])', [ids]);
    return ids;
  }

  /** One event in each of these rooms, of the kind RoomUpdated. */
  async append(...rooms: readonly number[]): Promise<void> {
    await this.client.query(
      `SELECT append_room_event(room_id, 2::smallint, NULL, NULL, NULL) FROM unnest($1::bigint[]) AS room_id`,
      [rooms],
    );
  }

  async appendMany(room: number, count: number): Promise<void> {
    await this.client.query(
      `SELECT append_room_event($1, 2::smallint, NULL, NULL, NULL) FROM generate_series(1, $2::int)`,
      [room, count],
    );
  }

  /** As another worker does that takes over. */
  async takePosition(consumer: string): Promise<void> {
    await this.client.query('UPDATE consumers SET version = version + 1 WHERE name = $1', [consumer]);
  }

  /** The transaction gets its number now, whenever it writes. */
  async begin(): Promise<void> {
    await this.client.query('BEGIN; SELECT pg_current_xact_id()');
  }

  async commit(): Promise<void> {
    await this.client.query('COMMIT');
  }

  async rollback(): Promise<void> {
    await this.client.query('ROLLBACK');
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
