import type { Client } from './client.ts';
import { isTemporary, type ParleyError, toParleyError } from './errors.ts';
import {
  PreferDocument,
  ReadAllDocument,
  ReadDocument,
  UnreadDocument,
  type UpdateRoomPreferencesInput,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { derive, type Observable } from './observable.ts';
import { backoffMs, Pauses } from './pause.ts';
import type { RoomInfo } from './views.ts';

// An entry of its own: an application without read marks does not load it.

/** Characters of the name of a folder, as the server has it. */
export const MAX_FOLDER_NAME = 50;

/** A mark of a room is sent this often at most, in milliseconds. */
const EVERY_MS = 1_000;

export interface UnreadTotals {
  readonly messages: number;
  /** How many of them mention the viewer. */
  readonly mentions: number;
  /** In how many rooms. */
  readonly rooms: number;
}

/** Whether the viewer has muted the room, now. */
export const isMuted = ({ viewerMutedUntil }: RoomInfo): boolean =>
  viewerMutedUntil !== null && Date.parse(viewerMutedUntil) > Date.now();

const isCounted = (room: RoomInfo) => room.viewerUnreadCount && !room.viewerIsHidden && !isMuted(room);

/** The sum over all rooms that are neither muted nor hidden: `Viewer.unread` of the API, for the badge of an application. */
export function unreadTotals(client: Client): Observable<UnreadTotals> {
  const read = () => {
    const all = client.rooms.getSnapshot().filter(isCounted);
    return {
      messages: all.reduce((sum, { viewerUnreadCount }) => sum + (viewerUnreadCount ?? 0), 0),
      mentions: all.reduce((sum, { viewerUnreadMentionCount }) => sum + (viewerUnreadMentionCount ?? 0), 0),
      rooms: all.length,
    };
  };
  // Derived from numbers: it changes when one of them does.
  const numbers = derive(
    client.rooms,
    (rooms) => [rooms],
    () => Object.values(read()).join(),
  );
  return derive(numbers, (text) => [text], read);
}

export type RoomPreferences = Omit<UpdateRoomPreferencesInput, 'roomId'>;

/**
 * Mutes, pins or hides a room for the viewer, on all devices. What is not given stays.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function setPreferences(client: Client, roomId: string, change: RoomPreferences): Promise<void> {
  const { updateRoomPreferences } = await client.request(PreferDocument, { input: { ...change, roomId } });
  successOf(updateRoomPreferences);
}

/**
 * Marks a message and all later ones of the room as unread, on all devices.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function markUnread(client: Client, roomId: string, fromSeq: number): Promise<void> {
  successOf((await client.request(UnreadDocument, { input: { roomId, fromSeq } })).markUnread);
}

/**
 * Marks the messages of all rooms as read, on all devices.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function markAllRead(client: Client): Promise<void> {
  successOf((await client.request(ReadAllDocument, {})).markAllRead);
}

/**
 * Reports to the server what the viewer has read: call `markRead` with the last message on the screen, as often as it
 * changes. The client sends the highest number of each room, at most once a second, and repeats it until the server has it.
 * Marks are not stored: after a reload, an application marks what it shows.
 */
export class ReadMarks {
  private readonly client: Client;
  /** By room: the highest number that the server does not have. */
  private readonly wanted = new Map<string, number>();
  /** Rooms whose marks are being sent. */
  private readonly sending = new Set<string>();
  private readonly pauses = new Pauses();

  constructor(client: Client) {
    this.client = client;
  }

  /** Marks everything up to that message as read. */
  markRead(roomId: string, upToSeq: number): void {
    const known = this.client.room(roomId).info.getSnapshot()?.viewerReadSeq ?? 0;
    if (upToSeq <= Math.max(known, this.wanted.get(roomId) ?? 0)) return;
    this.wanted.set(roomId, upToSeq);
    if (!this.sending.has(roomId)) void this.sendAll(roomId);
  }

  /** Sends nothing more. */
  close(): void {
    this.wanted.clear();
    this.pauses.end();
  }

  private async sendAll(roomId: string): Promise<void> {
    this.sending.add(roomId);
    for (let failures = 0; ; ) {
      const upToSeq = this.wanted.get(roomId);
      if (upToSeq === undefined) break;
      const error = await this.send(roomId, upToSeq);
      failures = error ? failures + 1 : 0;
      await this.pauses.wait(error ? (error.retryAfterMs ?? backoffMs(failures)) : EVERY_MS);
    }
    this.sending.delete(roomId);
  }

  /** Makes one attempt; returns the error if it has to be repeated. */
  private async send(roomId: string, upToSeq: number): Promise<ParleyError | null> {
    try {
      successOf((await this.client.request(ReadDocument, { input: { roomId, upToSeq } })).markRead);
    } catch (problem) {
      const error = toParleyError(problem);
      if (isTemporary(error)) return error;
    }
    if (this.wanted.get(roomId) === upToSeq) this.wanted.delete(roomId);
    return null;
  }
}
