import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Person } from '../harness/people.ts';
import { type AllNumbers, NUMBERS, type Numbers, queried, TOTALS, type Totals } from './numbers.ts';

const FOLLOW = `subscription ($after: Cursor) { inbox(after: $after) { __typename
  ... on RoomEvent { cursor ${TOTALS} room { ${NUMBERS} } }
  ... on AccountEvent { cursor ${TOTALS} }
  ... on RoomAccessGranted { room { ${NUMBERS} } }
  ... on RoomAccessLost { roomId }
  ... on ReadStateChanged { room { ${NUMBERS} } }
  ... on Heartbeat { cursor }
  ... on StreamReady { cursor } } }`;

interface Item {
  readonly __typename: string;
  readonly cursor?: string;
  readonly room?: Numbers & { readonly id: string };
  readonly roomId?: string;
  readonly viewerUnread?: Totals;
}

/** The pause before it connects again; the machine has other work. */
const PAUSE_MS = 200;

/** A device that keeps the numbers that a stream brings, and comes back by its cursor when it is cut off. */
export class Device {
  cursor = '';
  totals: Totals = { messages: 0, mentions: 0, rooms: 0 };
  rooms = new Map<string, Numbers>();
  items = 0;
  resumes = 0;
  resyncs = 0;
  private readonly at: () => Person;
  private client: Client | null = null;
  private isOver = false;

  /** `at` returns its user at a node that may be alive. */
  constructor(at: () => Person) {
    this.at = at;
  }

  /** Starts with a snapshot. */
  async start(): Promise<void> {
    await this.resync();
    void this.follow();
  }

  /** The cable, not a polite close. */
  cut(): void {
    this.client?.terminate();
  }

  async close(): Promise<void> {
    this.isOver = true;
    await this.client?.dispose();
  }

  private async resync(): Promise<void> {
    const { cursor, totals, rooms } = await queried(this.at());
    Object.assign(this, { cursor, totals, rooms: new Map(rooms) });
  }

  private async follow(): Promise<void> {
    while (!this.isOver) {
      const last = await this.stream();
      if (last === 'ResyncRequired') {
        this.resyncs++;
        // A node that does not answer is asked again in the next turn.
        await this.resync().catch(() => undefined);
      }
      if (this.isOver) return;
      this.resumes++;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Follows until the stream ends; resolves with the kind of its last item. */
  private async stream(): Promise<string> {
    const { node, token } = this.at();
    const client = createClient({
      url: node.wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
    this.client = client;
    let last = '';
    try {
      const results = client.iterate<{ inbox: Item }>({ query: FOLLOW, variables: { after: this.cursor } });
      for await (const { data } of results) {
        if (!data) break;
        last = data.inbox.__typename;
        this.take(data.inbox);
      }
    } catch {
      // Cut off: it comes back.
    }
    client.terminate();
    return last;
  }

  private take({ cursor, room, roomId, viewerUnread }: Item): void {
    this.items++;
    if (room) {
      const { id, ...numbers } = room;
      // Null after the user has left.
      if (numbers.viewerReadSeq === null) this.rooms.delete(id);
      else this.rooms.set(id, numbers);
    }
    if (roomId) this.rooms.delete(roomId);
    if (viewerUnread) this.totals = viewerUnread;
    if (cursor) this.cursor = cursor;
  }
}

/** What differs between a device and the truth; null if nothing. */
export function difference(device: Device, { totals, rooms }: Omit<AllNumbers, 'cursor'>): string | null {
  const pushed = describe(device);
  const expected = describe({ totals, rooms });
  return pushed === expected ? null : `pushed ${pushed}, expected ${expected}`;
}

export const describe = ({ totals, rooms }: Pick<AllNumbers, 'totals' | 'rooms'>): string =>
  JSON.stringify([
    totals.messages,
    totals.mentions,
    totals.rooms,
    ...[...rooms]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([id, { viewerReadSeq, viewerUnreadCount, viewerUnreadMentionCount }]) => [
        id,
        viewerReadSeq,
        viewerUnreadCount,
        viewerUnreadMentionCount,
      ]),
  ]);
