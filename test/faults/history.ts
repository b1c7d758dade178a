import { closeSync, createWriteStream, openSync, readSync, type WriteStream } from 'node:fs';

/** `info` is an answer that never came: it may or may not have happened, and is never counted as a failure. */
export type Outcome = 'invoke' | 'ok' | 'fail' | 'info';

interface Timed {
  /** Milliseconds since the run began, by the one monotonic clock of the one machine. */
  readonly t: number;
}

/** One logical post: a room, an author and a key. It is invoked once and may be answered several times. */
export interface PostEntry extends Timed {
  readonly f: 'post';
  readonly type: Outcome;
  readonly room: number;
  readonly user: number;
  readonly key: string;
  /** Of the text; at `invoke` and at `ok`. */
  readonly hash?: string;
  readonly seq?: number;
  readonly id?: string;
  readonly code?: string;
  /** At `ok`: when the request that was answered was sent. */
  readonly sentAt?: number;
}

/** The same key with another text, which has to be refused. */
export interface ConflictEntry extends Timed {
  readonly f: 'conflict';
  readonly type: Outcome;
  readonly room: number;
  readonly user: number;
  readonly key: string;
  readonly code?: string;
}

export interface ChangeEntry extends Timed {
  readonly f: 'edit' | 'delete' | 'attach' | 'join' | 'leave' | 'kick' | 'revoke';
  readonly type: Outcome;
  readonly op: number;
  /** Whom it concerns: who joins, is removed, or whose session ends. */
  readonly user: number;
  readonly room?: number;
  /** Of the message that is edited. */
  readonly target?: number;
  readonly hash?: string;
  readonly seq?: number;
  readonly code?: string;
  /** At `revoke`: from when on nothing may arrive. */
  readonly at?: number;
}

/** A client begins, or goes on. `base` where it begins anew: the head of each room, which its start cannot be beyond. */
export interface SubStartEntry extends Timed {
  readonly f: 'sub_start';
  readonly client: string;
  readonly sub: number;
  readonly user: number;
  readonly stream: 'room' | 'inbox';
  readonly room?: number;
  readonly after: string | null;
  readonly base?: Readonly<Record<string, number>>;
  /** Of the cursor in `after`. */
  readonly epoch?: number;
  /** Its access token ends then, in the time of the history. */
  readonly expires?: number;
}

export interface RecvEntry extends Timed {
  readonly f: 'recv';
  readonly client: string;
  readonly sub: number;
  readonly room: number;
  readonly seq: number;
  readonly kind: string;
  /** Of its cursor: names the data that it belongs to. */
  readonly epoch?: number;
  /** Of the message, where the event is about one. */
  readonly id?: string;
  readonly version?: number;
  readonly hash?: string;
  /** The room that the text says it was written for. */
  readonly tag?: number;
  /** Whom a membership event is about. */
  readonly subject?: number;
}

export interface AccountEntry extends Timed {
  readonly f: 'account';
  readonly client: string;
  readonly sub: number;
  readonly kind: 'RoomAccessGranted' | 'RoomAccessLost';
  readonly accountSeq: number;
  readonly room: number;
  readonly seq: number;
  readonly epoch?: number;
}

export interface ControlEntry extends Timed {
  readonly f: 'ready' | 'resync' | 'sub_end' | 'closed';
  readonly client: string;
  readonly sub: number;
  readonly reason?: string;
  readonly code?: number;
}

export interface FaultEntry extends Timed {
  readonly f: 'fault';
  readonly kind: string;
  readonly phase: 'begin' | 'end';
  readonly n: number;
  readonly target?: string;
  /** Where it is about one room. */
  readonly room?: number;
}

/**
 * The data go on from `heads` (room to number) under another epoch: a restore, a promotion, a rotation. Nothing was
 * written between the reading of the heads and `begin`. `settled`: every node knows the new epoch.
 */
export interface BranchEntry extends Timed {
  readonly f: 'branch';
  readonly phase: 'begin' | 'settled';
  /** Without it the branch takes nothing back. */
  readonly heads?: Readonly<Record<string, number>>;
}

/** An SDK client has put a message into its outbox, and told its application so: it is not lost any more. */
export interface AcceptedEntry extends Timed {
  readonly f: 'accepted';
  readonly client: string;
  readonly room: number;
  readonly user: number;
  readonly key: string;
}

/** An item of an SDK client's inbox does not follow the one before it. */
export interface MisfitEntry extends Timed {
  readonly f: 'misfit';
  readonly client: string;
  readonly kind: 'gap' | 'repeat';
  readonly says: string;
}

/** What an SDK client stores in the end, compared with fresh snapshots. */
export interface StoreEntry extends Timed {
  readonly f: 'store';
  readonly client: string;
  readonly user: number;
  /** Of its position. */
  readonly epoch: number;
  readonly rooms: number;
  readonly members: number;
  readonly messages: number;
  /** The keys of messages in its outbox that failed. */
  readonly failed: readonly string[];
  /** The smallest first. */
  readonly differences: readonly string[];
}

/** What the log consumer room-statistics counted of one kind of event in the end, and what the logs have of it. */
export interface CountedEntry extends Timed {
  readonly f: 'counted';
  readonly kind: string;
  readonly counted: number;
  readonly stored: number;
}

/** An answer with the code INTERNAL. */
export interface InternalEntry extends Timed {
  readonly f: 'internal';
  readonly what: string;
}

/** Something that has to happen within a bound. `fail` is a violation of liveness, whatever else is fine. */
export interface ExpectEntry extends Timed {
  readonly f: 'expect';
  readonly type: 'ok' | 'fail';
  readonly what: string;
  readonly ms: number;
}

/** What the database has of a room in the end. */
export interface TruthEntry extends Timed {
  readonly f: 'truth';
  readonly source: 'database' | 'client';
  readonly room: number;
  readonly events: readonly TruthEvent[];
}

export interface TruthEvent {
  readonly seq: number;
  readonly kind: string;
  readonly subject?: number;
  readonly user?: number;
  readonly key?: string;
}

/** Values of the database that must agree, at the end: numbers of replies, votes, groups of reactions. */
export interface AuditEntry extends Timed {
  readonly f: 'audit';
  readonly ok: boolean;
  readonly what: string;
}

export interface HygieneEntry extends Timed {
  readonly f: 'hygiene';
  readonly ok: boolean;
  readonly what: string;
}

export interface EndEntry extends Timed {
  readonly f: 'end';
  /** Clients that were live to the end, and so must have reached every head. */
  readonly live: readonly string[];
  /** SDK clients that were signed in to the end: the store of each was compared. */
  readonly devices?: readonly string[];
}

export type Entry =
  | PostEntry
  | ConflictEntry
  | ChangeEntry
  | SubStartEntry
  | RecvEntry
  | AccountEntry
  | ControlEntry
  | FaultEntry
  | BranchEntry
  | AcceptedEntry
  | MisfitEntry
  | StoreEntry
  | CountedEntry
  | InternalEntry
  | ExpectEntry
  | TruthEntry
  | AuditEntry
  | HygieneEntry
  | EndEntry;

type Untimed<One> = One extends Entry ? Omit<One, 't'> : never;

/** What happened, in the order in which the harness saw it: one JSON object a line. */
export class History {
  readonly file: string;
  private readonly began = performance.now();
  private readonly out: WriteStream;

  constructor(file: string) {
    this.file = file;
    this.out = createWriteStream(file);
  }

  now(): number {
    return Math.round((performance.now() - this.began) * 10) / 10;
  }

  add(entry: Untimed<Entry>): number {
    const t = this.now();
    // What still arrives when a run was given up is nobody's business.
    if (!this.out.writableEnded) this.out.write(`${JSON.stringify({ t, ...entry })}\n`);
    return t;
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.out.end((error?: Error | null) => (error ? reject(error) : resolve()));
    });
  }
}

/** Reads a history in pieces: that of two hours does not fit into memory. */
export function* readHistory(file: string): Generator<Entry> {
  const descriptor = openSync(file, 'r');
  const chunk = Buffer.alloc(1 << 20);
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (let length = readSync(descriptor, chunk); length > 0; length = readSync(descriptor, chunk)) {
      const lines = (rest + decoder.decode(chunk.subarray(0, length), { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as Entry;
    }
  } finally {
    closeSync(descriptor);
  }
}
