import type { Client } from './client.ts';
import { createDocuments, type OwnDocument } from './document-client.ts';
import { isOver } from './document-subscription.ts';
import { backoffMs, Pauses } from './pause.ts';

interface Item {
  readonly __typename: string;
}

export interface RoomStreamOptions<Room extends Item> {
  /** Follows the room `id` from the cursor `after` on. */
  readonly document: OwnDocument<{ room: Room }, { id: string; after: null }>;
  readonly next: (item: Room) => void;
  /** Told when the stream has begun at the present: what was read before may be out of date. */
  readonly begun: () => void;
  /** Told when the stream has ended for a reason that the client cannot continue after. It begins again after a pause. */
  readonly ended: () => void;
}

/** Follows a room from the present on, over all connections, until it is closed. */
export class RoomStream<Room extends Item> {
  private readonly client: Client;
  private readonly roomId: string;
  private readonly options: RoomStreamOptions<Room>;
  private readonly pauses = new Pauses();
  private readonly unwatch: () => void;
  private stop: () => void = () => undefined;
  private isClosed = false;
  /** How often following has failed since the last item. */
  private failures = 0;

  constructor(client: Client, roomId: string, options: RoomStreamOptions<Room>) {
    this.client = client;
    this.roomId = roomId;
    this.options = options;
    this.unwatch = client.viewer.subscribe(() => this.pauses.end());
    this.follow();
  }

  close(): void {
    this.isClosed = true;
    this.unwatch();
    this.stop();
    this.pauses.end();
  }

  private follow(): void {
    if (this.isClosed) return;
    const { document } = this.options;
    let isNew = true;
    const next = ({ room }: { room: Room }) => {
      this.failures = 0;
      if (isNew && room.__typename === 'StreamReady') {
        isNew = false;
        this.options.begun();
      }
      this.options.next(room);
    };
    const variables = { id: this.roomId, after: null };
    const observer = { next, error: () => void this.beginAgain() };
    this.stop = createDocuments(this.client).subscribe(document, variables, observer);
  }

  /** After a pause, unless the client was closed. */
  private async beginAgain(): Promise<void> {
    if ((await isOver(this.client)) || this.isClosed) return;
    this.options.ended();
    await this.pauses.wait(backoffMs(this.failures++));
    this.follow();
  }
}
