import type { Access } from './checker-access.ts';
import type { Lineage } from './checker-lineage.ts';
import type { AccountEntry, ControlEntry, RecvEntry, SubStartEntry } from './history.ts';
import type { Blame } from './verdict.ts';

/** The position of a client in a room. */
interface Position {
  /** The last applied number; the next must be one more. Null after a new start, before the first event. */
  last: number | null;
  /** Of the data in which it is there. */
  epoch: number;
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
  readonly epoch: number;
  readonly low: number;
  high: number;
  readonly t: number;
}

interface ClientState {
  start: SubStartEntry;
  /** The epoch of the last applied event. */
  epoch: number;
  readonly rooms: Map<number, Position>;
  startedOut: ReadonlySet<number>;
  accountSeq: number | null;
  readonly runs: Map<number, Run>;
}

export interface SeenEvent {
  readonly epoch: number;
  readonly room: number;
  readonly seq: number;
  readonly kind: string;
  readonly id: string | undefined;
  readonly t: number;
}

export interface SeenText {
  readonly epoch: number;
  readonly room: number;
  /** Of the event that brought it. */
  readonly seq: number;
  readonly id: string;
  readonly version: number;
  readonly hash: string;
}

type StreamEntry = SubStartEntry | RecvEntry | AccountEntry | ControlEntry;

const MUST_NOT_END_WITH = new Set(['INVALID_CURSOR', 'LIMIT_REACHED']);

/** What clients got: I4, I5, I6 among themselves, I7 by the text, I8 by time. */
export class Streams {
  readonly clients = new Map<string, ClientState>();
  readonly runs: Run[] = [];
  /** What the first observer saw, by epoch, room and number. */
  readonly events = new Map<string, SeenEvent>();
  /** The texts of messages, by epoch, message and version. */
  readonly texts = new Map<string, SeenText>();
  deliveries = 0;
  resyncs = 0;
  private readonly blame: Blame;
  private readonly access: Access;
  private readonly lineage: Lineage;

  constructor(blame: Blame, access: Access, lineage: Lineage) {
    this.blame = blame;
    this.access = access;
    this.lineage = lineage;
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
    const { epoch = 0 } = entry;
    this.lineage.see(epoch);
    const client: ClientState = known ?? {
      start: entry,
      epoch,
      rooms: new Map(),
      startedOut: new Set(),
      accountSeq: null,
      runs: new Map(),
    };
    this.clients.set(entry.client, client);
    client.epoch = epoch;
    if (entry.base) this.beginAnew(client, entry.base);
    else for (const position of client.rooms.values()) position.isFresh = true;
    client.start = { ...entry, ...(client.start.expires && { expires: client.start.expires }) };
    const rooms = [...client.rooms.keys()];
    client.startedOut = new Set(rooms.filter((room) => this.access.isOut(entry.user, room)));
  }

  private beginAnew(client: ClientState, base: Readonly<Record<string, number>>): void {
    const before = new Map(
      [...client.rooms].map(([room, { last, epoch }]) => [room, this.kept(room, epoch, last)]),
    );
    client.rooms.clear();
    client.runs.clear();
    for (const [name, head] of Object.entries(base)) {
      const floor = before.get(Number(name)) ?? 0;
      client.rooms.set(Number(name), {
        last: null,
        epoch: client.epoch,
        floor,
        ceiling: head + 1,
        isFresh: true,
      });
    }
  }

  /** What of a position the present data still have: a branch may have taken back the events before it. */
  private kept(room: number, epoch: number, last: number | null): number | null {
    return last === null ? null : Math.min(last, this.lineage.sharedHead(epoch, room));
  }

  private receive(client: ClientState, entry: RecvEntry): void {
    this.deliveries++;
    this.inPresentData(client, entry, entry.epoch ?? 0);
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

  /** A stream that starts when every node knows that its position is foreign must not continue from there. */
  private inPresentData(client: ClientState, entry: StreamEntry, epoch: number): void {
    this.lineage.see(epoch);
    client.epoch = epoch;
    if (!this.lineage.isOver(epoch, client.start.t)) return;
    const about = { client: entry.client };
    this.blame(
      'I5',
      entry,
      `${entry.client} goes on in epoch ${epoch}, which was over when it subscribed`,
      about,
    );
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
    position.epoch = entry.epoch ?? 0;
    position.isFresh = false;
    this.extend(client, entry, fits);
  }

  private extend(client: ClientState, entry: RecvEntry, fits: boolean): void {
    const { client: name, room, seq, t, epoch = 0 } = entry;
    const run = client.runs.get(room);
    if (run && fits && seq === run.high + 1 && epoch === run.epoch) {
      run.high = seq;
      return;
    }
    const next = { client: name, user: client.start.user, room, epoch, low: seq, high: seq, t };
    client.runs.set(room, next);
    this.runs.push(next);
  }

  /** All observers see the same. */
  private compare(entry: RecvEntry): void {
    const { epoch = 0, room, seq, kind, id, t } = entry;
    const name = `${room}.${seq}`;
    const seen = this.events.get(`${epoch} ${name}`);
    if (!seen) this.events.set(`${epoch} ${name}`, { epoch, room, seq, kind, id, t });
    else if (seen.kind !== kind || seen.id !== id)
      this.blame('I6', entry, `${name} is ${seen.kind} to one and ${kind} to another`, about(entry));
    this.compareText(entry);
  }

  private compareText(entry: RecvEntry): void {
    const { epoch = 0, room, seq, id, version = 0, hash } = entry;
    if (!id || hash === undefined) return;
    const name = `${epoch} ${id} ${version}`;
    const text = this.texts.get(name);
    if (text === undefined) this.texts.set(name, { epoch, room, seq, id, version, hash });
    else if (text.hash !== hash)
      this.blame('I6', entry, `${room}.${seq} has two texts in version ${version}`, about(entry));
  }

  private account(client: ClientState, entry: AccountEntry): void {
    const { accountSeq, room, seq, epoch = 0 } = entry;
    this.inPresentData(client, entry, epoch);
    if (client.accountSeq !== null && accountSeq !== client.accountSeq + 1)
      this.blame('I5', entry, `account event ${accountSeq} came after ${client.accountSeq}`, about(entry));
    client.accountSeq = accountSeq;
    if (entry.kind === 'RoomAccessLost') {
      client.rooms.delete(room);
      return;
    }
    const position = client.rooms.get(room);
    if (position && position.last !== null && position.last >= seq - 1) return;
    client.rooms.set(room, { last: seq - 1, epoch, floor: 0, ceiling: seq, isFresh: true });
    client.runs.delete(room);
  }

  private control(client: ClientState, entry: ControlEntry): void {
    const { user } = client.start;
    if (entry.f === 'ready') this.inPresentData(client, entry, client.epoch);
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
