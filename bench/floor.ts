/**
 * The least that a server has to do, in a process of its own: tell everybody who watches, or put a row into a table.
 * No access check, no order, no numbers, no idempotency, nothing to come back to. Speaks just enough of the protocol for
 * the same client. Started by world.ts with the URL of a database.
 */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type WebSocket, WebSocketServer } from 'ws';

export const FLOOR = fileURLToPath(import.meta.url);

/** "Operations" of the floor, where GraphQL documents would be. */
export const floorOperations = { watch: 'watch', tellAll: 'tellAll', insert: 'insert' } as const;

interface Asked {
  readonly type: string;
  readonly id: string;
  readonly payload: {
    readonly query: string;
    readonly variables: { readonly frame?: string; readonly text?: string };
  };
}

const TABLE = `CREATE TABLE IF NOT EXISTS floor_messages (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room_id BIGINT NOT NULL, author_id BIGINT NOT NULL,
  text TEXT NOT NULL, created_at TIMESTAMPTZ NOT NULL DEFAULT now())`;
const INSERT = 'INSERT INTO floor_messages (room_id, author_id, text) VALUES ($1, $2, $3) RETURNING id';
// More connections only wait for each other on two cores.
const CONNECTIONS = 16;

async function serve(databaseUrl: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  await pool.query(TABLE);
  const watchers = new Set<WebSocket>();
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

  let statements = 0;
  const insert = async (text: string) => {
    statements++;
    await pool.query({ name: 'insert', text: INSERT, values: [1, 1, text] });
  };
  const answer = async (ws: WebSocket, { id, payload: { query, variables } }: Asked) => {
    if (query === floorOperations.watch) watchers.add(ws);
    else if (query === floorOperations.tellAll) for (const each of watchers) each.send(variables.frame ?? '');
    else await insert(variables.text ?? '');
    ws.send(`{"id":"${id}","type":"next","payload":{"data":{"is":"StreamReady"}}}`);
  };
  const hear = (ws: WebSocket, message: Asked) => {
    if (message.type === 'connection_init') ws.send('{"type":"connection_ack"}');
    else answer(ws, message).catch((error: unknown) => ws.close(1011, String(error).slice(0, 100)));
  };
  server.on('connection', (ws) => {
    ws.on('message', (data: Buffer) => hear(ws, JSON.parse(data.toString()) as Asked));
  });
  server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
  process.on('disconnect', () => process.exit()); // whoever started it is gone
  process.on('message', () => process.send?.({ cpuMicros: cpuMicros(), statements }));
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

if (process.argv[1] === FLOOR && process.send) await serve(process.argv[2] ?? '');
