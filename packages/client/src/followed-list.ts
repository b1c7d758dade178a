import type { Client } from './client.ts';
import { LoadedList } from './loaded-list.ts';
import { Cell, type Observable } from './observable.ts';
import { RoomStream, type RoomStreamOptions } from './room-stream.ts';

interface Followed<Item, Shown extends { readonly __typename: string }>
  extends Pick<RoomStreamOptions<Shown>, 'document'> {
  /** Whether the list may have changed with that item of the stream. */
  readonly isChange: (shown: Shown) => boolean;
  readonly load: () => Promise<readonly Item[]>;
}

/** A list of a room that is loaded again after some of its events, until it is closed. Null until it is loaded. */
export class FollowedList<Item, Shown extends { readonly __typename: string }>
  implements Observable<readonly Item[] | null>
{
  private readonly list: LoadedList<Item>;
  private readonly stream: RoomStream<Shown>;

  constructor(client: Client, roomId: string, { document, isChange, load }: Followed<Item, Shown>) {
    const changes = new Cell(0);
    const loadAgain = () => changes.set(changes.getSnapshot() + 1);
    this.list = new LoadedList(client, {
      sources: [changes],
      version: () => `${changes.getSnapshot()}`,
      load,
    });
    this.stream = new RoomStream(client, roomId, {
      document,
      next: (shown) => void (isChange(shown) && loadAgain()),
      begun: loadAgain,
      ended: loadAgain,
    });
  }

  getSnapshot(): readonly Item[] | null {
    return this.list.getSnapshot();
  }

  subscribe(listener: () => void): () => void {
    return this.list.subscribe(listener);
  }

  /** Loads nothing more. */
  close(): void {
    this.stream.close();
    this.list.close();
  }
}
