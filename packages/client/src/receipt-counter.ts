import type { Client } from './client.ts';
import { isTemporary, toParleyError } from './errors.ts';
import { ReceiptCountsDocument, type ReceiptCountsQuery } from './generated/documents.ts';
import { backoffMs, Pauses } from './pause.ts';
import type { Counts } from './receipts.ts';
import type { RoomHandle } from './room.ts';

/** Receipts are counted this often at most, in milliseconds. */
const EVERY_MS = 5_000;
/** For so many messages: the last own ones of those that are shown. */
const COUNTED = 20;

type CountsById = ReadonlyMap<string, Counts>;

/** Reads the receipts of own messages in a room whose members are too many to be listed. */
export class ReceiptCounter {
  private readonly client: Client;
  private readonly room: RoomHandle;
  private readonly onCounts: (counts: CountsById) => void;
  private readonly pauses = new Pauses();
  private isRunning = false;
  private isStale = false;
  private isOver = false;

  constructor(client: Client, room: RoomHandle, onCounts: (counts: CountsById) => void) {
    this.client = client;
    this.room = room;
    this.onCounts = onCounts;
  }

  /** The receipts have changed. */
  count(): void {
    this.isStale = true;
    if (!this.isRunning) void this.run();
  }

  close(): void {
    this.isOver = true;
    this.pauses.end();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    for (let failures = 0; this.isStale && !this.isOver; ) {
      this.isStale = false;
      failures = (await this.read()) ? 0 : failures + 1;
      if (failures > 0) this.isStale = true;
      await this.pauses.wait(Math.max(EVERY_MS, failures && backoffMs(failures)));
    }
    this.isRunning = false;
  }

  /** Makes one attempt; returns whether it does not have to be repeated. */
  private async read(): Promise<boolean> {
    const own = this.room.messages.getSnapshot().flatMap(({ id, isOwn }) => (id && isOwn ? [id] : []));
    try {
      const { nodes } = await this.client.request(ReceiptCountsDocument, { ids: own.slice(-COUNTED) });
      if (!this.isOver) this.onCounts(new Map(nodes.flatMap(countsOf)));
      return true;
    } catch (problem) {
      return !isTemporary(toParleyError(problem));
    }
  }
}

const countsOf = (node: ReceiptCountsQuery['nodes'][number]): [string, Counts][] =>
  node && 'receipts' in node && node.receipts ? [[node.id, node.receipts]] : [];
