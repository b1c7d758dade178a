import { trimLogs } from '../../src/eventlog/retention.ts';
import { openDatabase } from '../../src/platform/db.ts';
import { createLog, createMetrics } from '../../src/platform/telemetry.ts';
import { execute } from './database.ts';
import { numberIn } from './ids.ts';

/** As if everything in the room had happened before the log begins. */
export async function trimRoom(databaseUrl: string, roomId: string): Promise<void> {
  const aged = `UPDATE room_events SET created_at = created_at - interval '40 days' WHERE room_id = ${numberIn(roomId)}`;
  await execute(databaseUrl, aged);
  const db = openDatabase(databaseUrl, 2, createLog('silent', 'test'), createMetrics());
  try {
    await trimLogs(db.tail, new Date(Date.now() - 30 * 86_400_000));
  } finally {
    await db.close();
  }
}
