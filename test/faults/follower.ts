import { decodeInboxCursor } from '../../src/eventlog/cursors/inbox-cursor.ts';
import { decodeRoomCursor } from '../../src/eventlog/cursors/room-cursor.ts';
import { numberIn } from '../harness/ids.ts';
import { ask, hashOf, isInternal, roomIdOf } from './api.ts';
import type { Place } from './cluster.ts';
import type { Person, World } from './world.ts';

const bootstrapRoom = 'query ($id: ID!) { room(id: $id) { cursor lastRoomSeq } }';
const bootstrapInbox = 'query { viewer { inboxCursor rooms(first: 100) { nodes { id lastRoomSeq } } } }';

export interface Following {
  readonly name: string;
  readonly person: Person;
  readonly stream: 'room' | 'inbox';
  readonly room?: number;
  /** Which node it likes best. */
  readonly home: number;
  readonly expires?: number;
}

/** Why a stream is over, and what its client does then. */
export type Ending = 'resync' | 'again' | 'final';

type Item = Record<string, any> & { readonly __typename: string };

/** What a client keeps: the position behind what it applied last. Everything that it sees goes into the history. */
export class Follower {
  readonly options: Following;
  readonly world: World;
  cursor: string | null = null;
  /** The last number applied, by room. */
  readonly heads = new Map<number, number>();
  isReady = false;
  /** Ended for good: it need not reach anything. */
  isOver = false;
  sub = 0;
  private base: Record<string, number> | undefined;

  constructor(world: World, options: Following) {
    this.world = world;
    this.options = options;
  }

  /** Reads the position, then the data, as an app does when it starts. @throws Error when no node answers well */
  async bootstrap(place: Place): Promise<void> {
    const { person, stream, room = 0 } = this.options;
    const variables = stream === 'room' ? { id: roomIdOf(room) } : {};
    const { data, errors } = await ask(
      place,
      stream === 'room' ? bootstrapRoom : bootstrapInbox,
      variables,
      person.token,
    );
    if (!data || errors.length > 0) throw new Error(JSON.stringify(errors));
    if (stream === 'room') this.beginAt(data['room']?.cursor, { [room]: data['room']?.lastRoomSeq });
    else {
      const rooms = data['viewer'].rooms.nodes as { id: string; lastRoomSeq: number }[];
      this.beginAt(
        data['viewer'].inboxCursor,
        Object.fromEntries(rooms.map(({ id, lastRoomSeq }) => [numberIn(id), lastRoomSeq])),
      );
    }
  }

  private beginAt(cursor: string | null | undefined, base: Record<string, number>): void {
    if (!cursor) throw new Error('no position: not a member');
    this.cursor = cursor;
    this.base = base;
    this.heads.clear();
    for (const [room, head] of Object.entries(base)) this.heads.set(Number(room), head);
  }

  /** What the subscription is sent with: read anew at every attempt, so it is the position of by then. */
  variables(): Record<string, unknown> {
    const { name: client, person, stream, room, expires } = this.options;
    this.sub++;
    this.isReady = false;
    this.world.history.add({
      f: 'sub_start',
      client,
      sub: this.sub,
      user: person.user,
      stream,
      after: this.cursor,
      ...(this.cursor && { epoch: this.epoch }),
      ...(room !== undefined && { room }),
      ...(this.base && { base: this.base }),
      ...(expires !== undefined && { expires }),
    });
    this.base = undefined;
    return { after: this.cursor, ...(room !== undefined && { id: roomIdOf(room) }) };
  }

  /** Of its position. */
  get epoch(): number {
    return this.cursor ? epochOf(this.options.stream, this.cursor) : 0;
  }

  /** Applies an item. Says how the stream ended where it was its last. */
  apply(item: Item): Ending | null {
    if (item.cursor) this.cursor = item.cursor as string;
    if (item['roomSeq'] !== undefined) this.applyRoom(item);
    else if (item['accountSeq'] !== undefined) this.applyAccount(item);
    else return this.applyControl(item);
    return null;
  }

  private applyRoom(item: Item): void {
    const [room, seq] = [numberIn(item['room'].id), item['roomSeq'] as number];
    this.heads.set(room, seq);
    const subject = item['user']?.id ?? item['membership']?.user.id;
    const { name: client } = this.options;
    const about = { ...messageFacts(item['message']), ...(subject && { subject: numberIn(subject) }) };
    const { sub, epoch } = this;
    this.world.history.add({ f: 'recv', client, sub, room, seq, kind: item.__typename, epoch, ...about });
  }

  private applyAccount(item: Item): void {
    const kind = item.__typename;
    // Others change no access, which is all that the checker follows of this log.
    if (kind !== 'RoomAccessGranted' && kind !== 'RoomAccessLost') return;
    const isGrant = kind === 'RoomAccessGranted';
    const room = numberIn(isGrant ? item['room'].id : item['roomId']);
    if (!isGrant) this.heads.delete(room);
    this.world.history.add({
      f: 'account',
      client: this.options.name,
      sub: this.sub,
      kind,
      accountSeq: item['accountSeq'],
      room,
      seq: item['at'],
      epoch: this.epoch,
    });
  }

  private applyControl(item: Item): Ending | null {
    const at = { client: this.options.name, sub: this.sub };
    if (item.__typename === 'StreamReady') {
      this.isReady = true;
      this.world.history.add({ f: 'ready', ...at });
    } else if (item.__typename === 'ResyncRequired') {
      this.world.history.add({ f: 'resync', ...at, reason: item['resyncReason'] });
      return 'resync';
    } else if (item.__typename === 'StreamClosed') {
      this.world.history.add({ f: 'sub_end', ...at, reason: item['closeReason'] });
      return item['retryable'] ? 'again' : 'final';
    }
    return null;
  }

  /** The carrier is gone. */
  closed(code: number): void {
    this.isReady = false;
    this.world.history.add({ f: 'closed', client: this.options.name, sub: this.sub, code });
  }

  /** Errors in place of an item, or in place of a stream. */
  refused(problem: unknown): void {
    const reason = JSON.stringify(problem) ?? String(problem);
    const { name: client } = this.options;
    if (Array.isArray(problem)) this.world.history.add({ f: 'sub_end', client, sub: this.sub, reason });
    if (isInternal(problem)) this.world.history.add({ f: 'internal', what: `${client} was told ${reason}` });
  }
}

/** To clients a cursor is opaque; the checker has to know which data it belongs to. */
export function epochOf(stream: Following['stream'], cursor: string): number {
  return (stream === 'room' ? decodeRoomCursor : decodeInboxCursor)(cursor).epoch;
}

function messageFacts(message: { id: string; text: string | null; version: number } | undefined) {
  if (!message) return {};
  const { id, text, version } = message;
  return {
    id,
    version,
    ...(text !== null && { hash: hashOf(text), tag: Number(/^r(\d+):/.exec(text)?.[1] ?? 0) }),
  };
}
