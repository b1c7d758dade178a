import { type LogType, type Part, unpack } from './packets.ts';

const TOPIC: LogType = 'rooms';
// No room has this number, so no node follows it.
const NO_ROOM = 0;

/** What a node announces to tell its epoch, which every packet carries, together with the database that has its data. */
export const epochBeacon = (
  database: string,
): { readonly topic: LogType; readonly parts: readonly Part[] } => ({
  topic: TOPIC,
  parts: [{ id: NO_ROOM, json: database }],
});

/** The database that a packet tells; undefined if it is no beacon. */
export function databaseToldBy(text: string): string | undefined {
  return unpack(text, (topic, id) => topic === TOPIC && id === NO_ROOM)?.parts[0]?.json;
}
