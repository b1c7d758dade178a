import type { Access } from './checker-access.ts';
import type { AccountEntry, ControlEntry, RecvEntry, SubStartEntry } from './history.ts';
import type { Blame } from './verdict.ts';

/** Where a client is in a room. */
interface Position {
  /** The last number applied; the next has to be one more. Null where it began anew and nothing came yet. */
  last: number | null;
  /** Then the next is behind the one and not beyond the other. */
  readonly floor: number;
  readonly ceiling: number;
  /** Nothing came in this subscription yet: a gap is one between two of them. */
  isFresh: boolean;
}

/** Numbers that one client got in one piece. */
export interface Run {
  readonly client: string;
  readonly user: number;
  readonly room: number;
  readonly low: number;
  high: number;
  readonly t: number;
}

interface ClientState {
  start: SubStartEntry;
  readonly rooms: Map<number, Position>;
  startedOut: ReadonlySet<number>;
  accountSeq: number | null;
  readonly runs: Map<number, Run>;
}

type StreamEntry = SubStartEntry | RecvEntry | AccountEntry | ControlEntry;

const MUST_NOT_END_WITH = new Set(['INVALID_CURSOR', 'LIMIT_REACHED']);

/** What clients got: I4, I5, I6 among themselves, I7 by the text, I8 by time. */
export class Streams {
  readonly clients = new Map<string, ClientState>();
  readonly runs: Run[] = [];
  /** What the first observer saw, by room and number, and by message and version. */
  readonly events = new Map<string, { kind: string; id: string | undefined; t: number }>();
  readonly texts = new Map<string, string>();
  deliveries = 0;
  resyncs = 0;
  private readonly blame: Blame;
  private readonly access: Access;

  constructor(blame: Blame, access: Access) {
    this.blame = blame;
    this.access = access;
  }

  take(entry: StreamEntry): void {
    if (entry.f === 'sub_start') return this.start(entry);
    const client = this.clients.get(entry.client);
    if (!client) return this.blame('I5', entry, `${entry.client} got something before it asked`);
    if (entry.f === 'recv') this.receive(client, entry);
    else if (entry.f === 'account') this.account(client, entry);
    else this.control(client, entry);
  }

  private start(entry: SubStartEntry): void {
    const known = this.clients.get(entry.client);
    const client: ClientState = known ?? {
      start: entry,
      rooms: new Map(),
      startedOut: new Set(),
      accountSeq: null,
      runs: new Map(),
    };
    this.clients.set(entry.client, client);
    if (entry.base) this.beginAnew(client, entry.base);
    else for (const position of client.rooms.values()) position.isFresh = true;
    client.start = { ...entry, ...(client.start.expires && { expires: client.start.expires }) };
    const rooms = [...client.rooms.keys()];
    client.startedOut = new Set(rooms.filter((room) => this.access.isOut(entry.user, room)));
  }

  private beginAnew(client: ClientState, base: Readonly<Record<string, number>>): void {
    const before = new Map([...client.rooms].map(([room, { last }]) => [room, last]));
    client.rooms.clear();
    client.runs.clear();
    for (const [name, head] of Object.entries(base)) {
      const floor = before.get(Number(name)) ?? 0;
      client.rooms.set(Number(name), { last: null, floor, ceiling: head + 1, isFresh: true });
    }
  }

  private receive(client: ClientState, entry: RecvEntry): void {
    this.deliveries++;
    this.access.received(entry, client.start, client.startedOut);
    this.place(client, entry);
    this.compare(entry);
    if (entry.tag !== undefined && entry.tag !== entry.room)
      this.blame(
        'I7',
        entry,
        `a message for room ${entry.tag} came as ${entry.seq} of room ${entry.room}`,
        about(entry),
      );
    if (entry.kind === 'MemberLeft' && entry.subject === client.start.user) client.rooms.delete(entry.room);
  }

  private place(client: ClientState, entry: RecvEntry): void {
    const position = client.rooms.get(entry.room);
    if (!position) {
      this.blame('I7', entry, `${entry.seq} of room ${entry.room}, which it does not follow`, about(entry));
      return;
    }
    const { last, floor, ceiling, isFresh } = position;
    const fits = last === null ? entry.seq > floor && entry.seq <= ceiling : entry.seq === last + 1;
    if (!fits) {
      const after = last ?? `${floor}..${ceiling - 1}`;
      this.blame(
        isFresh ? 'I5' : 'I4',
        entry,
        `room ${entry.room}: ${entry.seq} came after ${after}`,
        about(entry),
      );
    }
    position.last = entry.seq;
    position.isFresh = false;
    this.extend(client, entry, fits);
  }

  private extend(client: ClientState, { client: name, room, seq, t }: RecvEntry, fits: boolean): void {
    const run = client.runs.get(room);
    if (run && fits && seq === run.high + 1) {
      run.high = seq;
      return;
    }
    const next = { client: name, user: client.start.user, room, low: seq, high: seq, t };
    client.runs.set(room, next);
    this.runs.push(next);
  }

  /** All observers see the same. */
  private compare(entry: RecvEntry): void {
    const name = `${entry.room}.${entry.seq}`;
    const seen = this.events.get(name);
    if (!seen) this.events.set(name, { kind: entry.kind, id: entry.id, t: entry.t });
    else if (seen.kind !== entry.kind || seen.id !== entry.id)
      this.blame('I6', entry, `${name} is ${seen.kind} to one and ${entry.kind} to another`, about(entry));
    if (!entry.id || entry.hash === undefined) return;
    const version = `${entry.id} ${entry.version}`;
    const text = this.texts.get(version);
    if (text === undefined) this.texts.set(version, entry.hash);
    else if (text !== entry.hash)
      this.blame('I6', entry, `${name} has two texts in version ${entry.version}`, about(entry));
  }

  private account(client: ClientState, entry: AccountEntry): void {
    const { accountSeq, room, seq } = entry;
    if (client.accountSeq !== null && accountSeq !== client.accountSeq + 1)
      this.blame('I5', entry, `account event ${accountSeq} came after ${client.accountSeq}`, about(entry));
    client.accountSeq = accountSeq;
    if (entry.kind === 'RoomAccessLost') {
      client.rooms.delete(room);
      return;
    }
    const position = client.rooms.get(room);
    if (position && position.last !== null && position.last >= seq - 1) return;
    client.rooms.set(room, { last: seq - 1, floor: 0, ceiling: seq, isFresh: true });
    client.runs.delete(room);
  }

  private control(client: ClientState, entry: ControlEntry): void {
    const { user } = client.start;
    if (entry.f === 'resync') {
      this.resyncs++;
      client.accountSeq = null;
      if (!this.access.mayResync(user, entry.reason ?? '', entry.t))
        this.blame('I5', entry, `ResyncRequired(${entry.reason}) without a reason`, { client: entry.client });
    }
    if (entry.f !== 'sub_end') return;
    const isWrong =
      MUST_NOT_END_WITH.has(entry.reason ?? '') ||
      (entry.reason === 'NOT_FOUND' && !this.access.mayBeLost(user));
    if (isWrong) this.blame('I5', entry, `the stream was refused: ${entry.reason}`, { client: entry.client });
  }
}

const about = ({ client, room }: { client: string; room: number }) => ({ client, room });
