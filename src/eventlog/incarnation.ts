import type pg from 'pg';
import { LOCK_TIMEOUT_MS, withPatientClient } from '../platform/patient-client.ts';

/** The origin of the data, as found at a start. */
interface Origin {
  readonly epoch: string;
  /** No node has run on the data yet. */
  readonly isFresh: boolean;
  /** The data was last used elsewhere: on another server, in another database, or before a dump. */
  readonly isForeign: boolean;
  /** A stored transaction number is one that this server has not assigned yet. */
  readonly isAhead: boolean;
}

const READ_ORIGIN = `
  SELECT current_epoch() AS epoch, home IS NULL AS "isFresh",
    home IS DISTINCT FROM incarnation_home(xmin::text::bigint) AS "isForeign",
    EXISTS (SELECT FROM room_heads WHERE top_stamp >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint) AS "isAhead"
  FROM incarnation`;

/**
 * Begins a new epoch: all earlier positions become foreign, and stored transaction numbers are no longer compared with
 * those of this server. With `seen` it rotates only in that epoch, so that only one of several nodes does.
 */
export function rotateEpoch(url: string, seen: number | null = null): Promise<void> {
  return withPatientClient(url, 'parley-epoch', (client) => rotate(client, seen));
}

/**
 * Begins a new epoch if the data was restored, copied or moved since a node last ran on it.
 * @returns whether it was
 * @throws Error if the server is a standby
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
