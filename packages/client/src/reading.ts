import type { Client } from './client.ts';
import { isTemporary, toParleyError } from './errors.ts';
import {
  PreferDocument,
  ReadAllDocument,
  ReadDocument,
  UnreadDocument,
  type UpdateRoomPreferencesInput,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { derive, type Observable } from './observable.ts';
import { backoffMs } from './pause.ts';
import type { RoomInfo } from './views.ts';

// An entry of its own: an application without read marks does not load it.

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

/** The sum over all rooms that are not muted, for the badge of an application. */
export function unreadTotals(client: Client): Observable<UnreadTotals> {
  const read = () => {
    const all = client.rooms.getSnapshot().filter((room) => room.viewerUnreadCount && !isMuted(room));
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
 * Tells the server what the viewer has read: call `markRead` for whatever is on the screen, as often as it changes. For each
 * room the highest number is sent, once a second at most, and again until the server has it. Marks are not stored: after a
 * reload an application marks what it shows.
 */
export class ReadMarks {
  private readonly client: Client;
  /** By room: the highest number that the server does not have. */
  private readonly wanted = new Map<string, number>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(client: Client) {
    this.client = client;
  }

  /** Everything up to that message was read. */
  markRead(roomId: string, upToSeq: number): void {
    const known = this.client.room(roomId).info.getSnapshot()?.viewerReadSeq ?? 0;
    if (upToSeq <= Math.max(known, this.wanted.get(roomId) ?? 0)) return;
    this.wanted.set(roomId, upToSeq);
    if (!this.timers.has(roomId)) void this.send(roomId, 0);
  }

  /** Sends nothing more. */
  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.wanted.clear();
  }

  private async send(roomId: string, failures: number): Promise<void> {
    const upToSeq = this.wanted.get(roomId);
    this.timers.delete(roomId);
    if (upToSeq === undefined) return;
    this.wait(roomId, 0, EVERY_MS);
    try {
      successOf((await this.client.request(ReadDocument, { input: { roomId, upToSeq } })).markRead);
      this.forget(roomId, upToSeq);
    } catch (problem) {
      const error = toParleyError(problem, 'NETWORK');
      if (isTemporary(error)) this.wait(roomId, failures + 1, error.retryAfterMs ?? backoffMs(failures + 1));
      else this.forget(roomId, upToSeq);
    }
  }

  private wait(roomId: string, failures: number, ms: number): void {
    clearTimeout(this.timers.get(roomId));
    this.timers.set(
      roomId,
      setTimeout(() => void this.send(roomId, failures), ms),
    );
  }

  private forget(roomId: string, upToSeq: number): void {
    if (this.wanted.get(roomId) === upToSeq) this.wanted.delete(roomId);
  }
}
