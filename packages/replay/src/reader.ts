import { isDeepStrictEqual } from 'node:util';
import { WebSocket } from 'ws';
import {
  type Client,
  createClient,
  type MessageInfo,
  memoryStorage,
  type RoomInfo,
  type Storage,
  until,
} from '../../client/src/index.ts';
import type { RoomLedger } from './ledger.ts';

/** How long a client may take to be up to date. */
const PATIENCE_MS = 120_000;
/** Of people: the name, and the time of the event that told of it. */
const NAMES = ['displayName', 'asOf'];

/** What is wrong with what SDK clients show. */
export interface ReaderFindings {
  /** Messages shown. */
  messages: number;
  missing: number;
  repeated: number;
  /** Messages that stand behind one with a higher number. */
  outOfOrder: number;
  /** Messages with another text or author than was posted. */
  wrong: number;
  /** Rooms that a client with an empty storage shows otherwise. */
  different: number;
}

/**
 * A reader with an SDK client. It is live in the empty rooms, away during the import, and comes back with what it has
 * stored: its position and nothing else.
 */
export class Reader {
  private readonly url: string;
  private readonly session: unknown;
  private readonly storage: Storage = memoryStorage();
  private client: Client | null = null;

  /** `session`: as the SDK stores it. */
  constructor(url: string, session: unknown) {
    this.url = url;
    this.session = session;
  }

  /** Signs in, and is up to date. @throws Error when that takes too long */
  async begin(): Promise<void> {
    await this.storage.commit(new Map([['session', this.session]]));
    await this.open();
  }

  /** Comes back and catches up. @throws Error when that takes too long */
  async open(): Promise<void> {
    this.client = createClient({ url: this.url, storage: this.storage, webSocketImpl: WebSocket });
    await inTime(
      until(this.client.connection, ({ status }) => status === 'live'),
      'an SDK client is not live',
    );
  }

  async close(): Promise<void> {
    await this.client?.close();
    this.client = null;
  }

  /** What it shows of a room. */
  show(roomId: string): Shown {
    const room = this.client?.room(roomId);
    return { info: room?.info.getSnapshot() ?? null, messages: room?.messages.getSnapshot() ?? [] };
  }

  /** Goes away; returns a reader with the same session and nothing else. */
  async replace(): Promise<Reader> {
    await this.close();
    const rows = new Map(await this.storage.load());
    return new Reader(this.url, rows.get('session'));
  }
}

interface Shown {
  readonly info: RoomInfo | null;
  readonly messages: readonly MessageInfo[];
}

/** What a reader shows of all rooms, held against what was posted and against a fresh reader of the same account. */
export async function judgeReader(reader: Reader, ledgers: readonly RoomLedger[]): Promise<ReaderFindings> {
  const shown = ledgers.map(({ roomId }) => reader.show(roomId));
  const found = ledgers.map((ledger, i) => judgeTimeline(ledger, shown[i]?.messages ?? []));
  const fresh = await reader.replace();
  await fresh.begin();
  const different = ledgers.filter(({ roomId }, i) => !isSame(shown[i], fresh.show(roomId))).length;
  await fresh.close();
  return { ...sumOf(found), different };
}

/** Of the older messages a fresh reader knows nothing. */
function isSame(shown: Shown | undefined, fresh: Shown): boolean {
  const newest = fresh.messages.length > 0 ? shown?.messages.slice(-fresh.messages.length) : [];
  return isDeepStrictEqual(promised({ ...shown, messages: newest }), promised(fresh));
}

/** Without names: nobody tells a reader of a new name of somebody who shares no room with them at that time. */
function promised(shown: object): unknown {
  const text = JSON.stringify(shown, (name, value) => (NAMES.includes(name) ? undefined : value));
  return JSON.parse(text);
}

type TimelineFindings = Omit<ReaderFindings, 'different'>;

/** Messages that nobody posted here are not looked at. */
export function judgeTimeline(ledger: RoomLedger, shown: readonly MessageInfo[]): TimelineFindings {
  const found = { messages: shown.length, missing: 0, repeated: 0, outOfOrder: 0, wrong: 0 };
  const places = new Map<string, number>();
  for (const [place, { id }] of shown.entries()) {
    if (id !== null && places.has(id)) found.repeated++;
    if (id !== null) places.set(id, place);
    if ((shown[place - 1]?.seq ?? 0) > (shown[place]?.seq ?? 0)) found.outOfOrder++;
  }
  for (const [post, acknowledged] of ledger.acknowledged.entries()) {
    const message = shown[places.get(acknowledged?.messageId ?? '') ?? -1];
    if (!acknowledged) continue;
    if (!message) found.missing++;
    else if (!ledger.isAsPosted(post, message)) found.wrong++;
  }
  return found;
}

function sumOf(all: readonly TimelineFindings[]): TimelineFindings {
  const sum = (name: keyof TimelineFindings) => all.reduce((total, one) => total + one[name], 0);
  return {
    messages: sum('messages'),
    missing: sum('missing'),
    repeated: sum('repeated'),
    outOfOrder: sum('outOfOrder'),
    wrong: sum('wrong'),
  };
}

async function inTime(work: Promise<unknown>, complaint: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${complaint} after ${PATIENCE_MS / 1_000} s`)), PATIENCE_MS);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
