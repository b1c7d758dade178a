// The tables of schema.prisma, with so many users and rooms in them.
import pg from 'pg';
import { settings } from './serve.mjs';

const TABLES = `
  CREATE TABLE users (id BIGINT PRIMARY KEY, username TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL);
  CREATE TABLE rooms (id BIGINT PRIMARY KEY, last_seq BIGINT NOT NULL DEFAULT 0);
  CREATE TABLE messages (
    id UUID PRIMARY KEY, room_id BIGINT NOT NULL REFERENCES rooms, seq BIGINT NOT NULL,
    author_id BIGINT NOT NULL REFERENCES users, idempotency_key TEXT NOT NULL, text TEXT NOT NULL,
    created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(),
    UNIQUE (room_id, seq), UNIQUE (room_id, author_id, idempotency_key));
  CREATE TABLE events (
    room_id BIGINT NOT NULL REFERENCES rooms, seq BIGINT NOT NULL, kind SMALLINT NOT NULL, actor_id BIGINT NOT NULL,
    subject BIGINT NOT NULL, created_at TIMESTAMPTZ(3) NOT NULL DEFAULT now(), PRIMARY KEY (room_id, seq));
  INSERT INTO users SELECT i, 'person-' || i, 'Person ' || i FROM generate_series(0, 999) i;
  INSERT INTO rooms SELECT i FROM generate_series(0, 100) i;`;

// More connections only wait for each other on two cores.
const CONNECTIONS = 16;

let statements = 0;
class CountingClient extends pg.Client {
  query(...args) {
    statements++;
    return super.query(...args);
  }
}

export const countStatements = () => ({ statements });

/** A pool for all that a peer does; makes the tables where they are not. */
export async function openPool() {
  const pool = new pg.Pool({
    connectionString: settings.database,
    max: CONNECTIONS,
    Client: CountingClient,
  });
  const { rows } = await pool.query(`SELECT to_regclass('messages') AS name`);
  if (rows[0].name === null) await pool.query(TABLES);
  return pool;
}

/** A message with a number without gaps and its event, in one statement: the least that keeps the same promise. */
export const POST = {
  name: 'post',
  text: `
    WITH room AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = $1 RETURNING last_seq),
    event AS (INSERT INTO events (room_id, seq, kind, actor_id, subject)
      SELECT $1, last_seq, 1, $3, last_seq FROM room)
    INSERT INTO messages (id, room_id, seq, author_id, idempotency_key, text)
      SELECT $2, $1, last_seq, $3, $4, $5 FROM room RETURNING seq, created_at`,
};
