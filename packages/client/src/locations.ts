import type { Client } from './client.ts';
import { createDocuments, type Documents } from './document-client.ts';
import {
  FollowLocationsDocument,
  type FollowLocationsSubscription,
  type LivePositionInput,
  type LocationInput,
  type LocationPartsFragment,
  LocationsOfDocument,
  MoveLocationDocument,
  ShareLocationDocument,
  StopLocationDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { newKey } from './keys.ts';
import { Cell, derive, type Observable } from './observable.ts';
import { backoffMs, Pauses } from './pause.ts';

// An entry of its own: an application without locations does not load it.

/** Locations in one LiveLocationsChanged of the server at most. With so many, there may be more. */
export const FULL_SET = 50;
/** Messages of one request. */
const MAX_IDS = 100;

/** The location of a message. */
export type LocationInfo = LocationPartsFragment;
export type NewLocation = Omit<LocationInput, 'label'>;
export type NewPosition = LivePositionInput;

/** Of a message that shares a location. */
export interface LocationMessage {
  /**
   * For clients that show no locations, e.g. "My location". More people may read it than the location, so it should not have
   * the coordinates.
   */
  readonly text: string;
  readonly threadRootId?: string;
  readonly alsoSendToRoom?: boolean;
  /** To repeat it after `NETWORK`. */
  readonly idempotencyKey?: string;
}

/** A place with a name, which is also the text of its message by default. */
export type NamedLocation = NewLocation & { readonly label: string };

/**
 * Sends a message with a location, and returns its id.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function shareLocation(
  client: Client,
  roomId: string,
  ...[location, message = { text: (location as NamedLocation).label }]:
    | [NamedLocation, LocationMessage?]
    | [NewLocation, LocationMessage]
): Promise<string> {
  const input = { idempotencyKey: newKey(), ...message, roomId, location };
  return successOf((await client.request(ShareLocationDocument, { input })).sendMessage).message.id;
}

/**
 * Sends the position of a live location. At most once a second.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function moveLocation(client: Client, messageId: string, position: NewPosition): Promise<void> {
  const input = { messageId, position };
  successOf((await client.request(MoveLocationDocument, { input })).moveLiveLocation);
}

/**
 * Ends a live location for good. It may be repeated.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function stopLocation(client: Client, messageId: string): Promise<void> {
  successOf((await client.request(StopLocationDocument, { input: { messageId } })).stopLiveLocation);
}

/** Where a location is now: a live one where it was last. */
export const placeOf = ({ live, latitude, longitude }: LocationInfo) =>
  live?.position ?? { latitude, longitude };

/** Whether its author still shares it, by the clock of this device. */
export const isLive = ({ live }: LocationInfo, now = Date.now()): boolean =>
  Boolean(live && live.endedAt === null && Date.parse(live.endsAt) > now);

type Item = FollowLocationsSubscription['room'];
type MovingLocation = Extract<Item, { locations: unknown }>['locations'][number];

/** The locations of the messages of a room. */
export class RoomLocations {
  private readonly client: Client;
  private readonly documents: Documents;
  private readonly roomId: string;
  private readonly pauses = new Pauses();
  /** Null: the message has none. */
  private readonly known = new Cell<Readonly<Record<string, LocationInfo | null>>>({});
  private readonly wanted = new Set<string>();
  /** What was missing in a set, and was read because of that. */
  private readonly missing = new Set<string>();
  private stop: () => void = () => undefined;
  private isClosed = false;

  constructor(client: Client, roomId: string) {
    this.client = client;
    this.documents = createDocuments(client);
    this.roomId = roomId;
    this.follow();
  }

  /** Null if the message has none, and until it was read. */
  of(messageId: string): Observable<LocationInfo | null> {
    return derive(
      this.known,
      (known) => [known[messageId]],
      (location) => location ?? null,
    );
  }

  /** Reads the locations of messages that are shown, each once. */
  show(messageIds: readonly string[]): void {
    const known = this.known.getSnapshot();
    this.read(messageIds.filter((id) => !(id in known)));
  }

  private read(messageIds: readonly string[]): void {
    const isFirst = this.wanted.size === 0;
    for (const id of messageIds) this.wanted.add(id);
    if (isFirst && this.wanted.size > 0) queueMicrotask(() => void this.readWanted());
  }

  close(): void {
    this.isClosed = true;
    this.stop();
    this.pauses.end();
  }

  private follow(): void {
    if (this.isClosed) return;
    const next = ({ room }: FollowLocationsSubscription) => this.apply(room);
    // It begins anew, and what was missed is read again.
    const error = () => {
      const ids = Object.keys(this.known.getSnapshot());
      this.known.set({});
      this.show(ids);
      void this.pauses.wait(backoffMs(0)).then(() => this.follow());
    };
    this.stop = this.documents.subscribe(
      FollowLocationsDocument,
      { id: this.roomId, after: null },
      { next, error },
    );
  }

  private apply(item: Item): void {
    if ('message' in item) this.put({ [item.message.id]: item.message.location });
    if ('locations' in item) this.putLive(item.locations);
  }

  /** What was live and is not in the set has ended, perhaps before this began to follow. */
  private putLive(locations: readonly MovingLocation[]): void {
    const live = new Map(locations.map(({ messageId, location }) => [messageId, location]));
    this.put(Object.fromEntries(live));
    for (const id of live.keys()) this.missing.delete(id);
    if (live.size >= FULL_SET) return;
    const isOver = ([id, location]: [string, LocationInfo | null]) =>
      location !== null && isLive(location) && !live.has(id) && !this.missing.has(id);
    const over = Object.entries(this.known.getSnapshot()).flatMap((entry) =>
      isOver(entry) ? [entry[0]] : [],
    );
    for (const id of over) this.missing.add(id);
    this.read(over);
  }

  private put(locations: Readonly<Record<string, LocationInfo | null>>): void {
    this.known.set({ ...this.known.getSnapshot(), ...locations });
  }

  private async readWanted(): Promise<void> {
    const ids = [...this.wanted].slice(0, MAX_IDS);
    for (const id of ids) this.wanted.delete(id);
    try {
      const { nodes } = await this.client.request(LocationsOfDocument, { ids });
      const read = nodes.flatMap((node) =>
        node && 'location' in node ? [[node.id, node.location] as const] : [],
      );
      // The stream may have said something newer since, and will say it again.
      this.put(Object.fromEntries(read));
    } catch {
      // The next messages that are shown ask again.
    }
    if (this.wanted.size > 0 && !this.isClosed) await this.readWanted();
  }
}
