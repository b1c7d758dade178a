import type pg from 'pg';
import { LOCK_TIMEOUT_MS, withPatientClient } from '../platform/patient-client.ts';

/** What a start finds of where the data come from. */
interface Origin {
  readonly epoch: string;
  /** No node has run on the data yet. */
  readonly isFresh: boolean;
  /** The data were last in use elsewhere: another server, another database, or before a dump. */
  readonly isForeign: boolean;
  /** A stored transaction number is one that this server has yet to give out. */
  readonly isAhead: boolean;
}

const READ_ORIGIN = `
  SELECT current_epoch() AS epoch, home IS NULL AS "isFresh",
    home IS DISTINCT FROM incarnation_home(xmin::text::bigint) AS "isForeign",
    EXISTS (SELECT FROM room_heads WHERE top_stamp >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint) AS "isAhead"
  FROM incarnation`;

/**
 * Begins a new epoch: every position from before becomes foreign, and the transaction numbers stored with events are
 * no longer compared with those of this server. With `seen` it does so only in that epoch, so that of several nodes one
 * rotates.
 */
export function rotateEpoch(url: string, seen: number | null = null): Promise<void> {
  return withPatientClient(url, 'parley-epoch', (client) => rotate(client, seen));
}

/**
 * Begins a new epoch where the data were restored, copied or moved since a node last ran on them.
 * @returns whether they were
 * @throws Error where the server is a standby
 */
export function adoptData(url: string): Promise<boolean> {
  return withPatientClient(url, 'parley-epoch', async (client) => {
    const { rows } = await client.query<Origin>(READ_ORIGIN);
    const [origin] = rows;
    if (!origin) throw new Error('The table incarnation is empty: the backup was restored in part only.');
    if (!origin.isForeign && !origin.isAhead) return false;
    await rotate(client, Number(origin.epoch));
    return !origin.isFresh;
  });
}

async function rotate(client: pg.Client, seen: number | null): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await client.query('SELECT rotate_epoch($1)', [seen]);
}
