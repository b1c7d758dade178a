import type { Context, Services } from '../context.ts';
import type { Sql } from '../platform/db.ts';
import { startHourly } from '../platform/hourly.ts';
import { type AttachedRows, attachedReader } from './attached.ts';
import type { MessageRecord } from './events.ts';
import type { ShownMessage } from './messages.ts';

/**
 * Data attached to messages, such as reactions. The concept that owns it registers it in its `capability.ts`; the tables of
 * the registration are emptied by the SQL function `remove_satellites` when a message is deleted.
 */
export interface MessageSatellite<Data> {
  readonly name: string;
  /** The fields of `Message` that show the data. */
  readonly fields: readonly string[];
  /** Tables with rows of a message, by `room_id` and `room_seq`. */
  readonly tables: readonly string[];
  /** Who sees it: members of the room, or all users who see the message (its author also after leaving). */
  readonly audience: 'members' | 'readers';
  readonly attached: AttachedRows<Data>;
  /** Removes data that erased users attached to messages, at most `limit` rows. Returns how many. */
  readonly eraseUsers: (sql: Sql, limit: number) => Promise<number>;
}

/** The message with that data of a satellite. Showing it reads nothing. */
export function withAttached<Data>(
  message: MessageRecord,
  satellite: MessageSatellite<Data>,
  data: Data,
): MessageRecord {
  return { ...message, attached: { ...message.attached, [satellite.name]: data } };
}

/**
 * Returns a reader for resolvers: one statement for all messages of a page, or of the events that are rendered
 * together, and for all satellites that are asked for at once.
 */
export function satelliteReader<Data>(
  satellite: MessageSatellite<Data>,
): (ctx: Context, message: ShownMessage) => Data | Promise<Data> {
  const { name, attached } = satellite;
  const load = attachedReader(attached);
  return (ctx, message) => {
    if (isHidden(satellite, message)) return attached.none;
    const known = message.attached?.[name] as Data | undefined;
    if (known !== undefined) return known;
    return message.isNew ? attached.none : load(ctx, message);
  };
}

function isHidden({ audience }: MessageSatellite<unknown>, { deletedAt, room }: ShownMessage): boolean {
  return deletedAt !== null || (audience === 'members' && room !== undefined && room.access !== 'member');
}

// -- erasure -------------------------------------------------------------------------------------

/** Rows that one statement removes, so that no room is locked for long. */
const ROWS_PER_CALL = 100;

/** Removes the data that erased users attached to messages. Returns how many rows. */
export async function eraseFromMessages(
  sql: Sql,
  satellites: readonly MessageSatellite<unknown>[],
): Promise<number> {
  let total = 0;
  for (const { eraseUsers } of satellites) {
    for (let erased = ROWS_PER_CALL; erased === ROWS_PER_CALL; total += erased)
      erased = await eraseUsers(sql, ROWS_PER_CALL);
  }
  return total;
}

/** Erases every hour. Returns a function that stops it. */
export function startErasure(
  { db, log }: Services,
  satellites: readonly MessageSatellite<unknown>[],
): () => void {
  return startHourly(log, {
    run: () => eraseFromMessages(db.write, satellites),
    done: 'what erased users had attached to messages was deleted',
    failed: 'what erased users had attached to messages could not be deleted',
  });
}
