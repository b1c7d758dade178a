import { randomBytes } from 'node:crypto';
import type { Viewpoint } from '../context.ts';
import type { Rights, Unread, UnreadTotals } from '../eventlog/kinds.ts';
import type { Placeholders } from '../graphql/execution/placeholders.ts';
import { NO_BYTES } from './frames.ts';
import { Payload } from './payload.ts';

// Unguessable, so that no text of a user can contain it.
const MARK = randomBytes(18).toString('base64url');
const PLACEHOLDER = new RegExp(`"${MARK}(\\d+)_"`);

/** Values of one field whose JSON is kept: many viewers have one of a few. */
const MAX_KNOWN = 256;
/** Spaces behind a value, in bytes. JSON allows them, and values of one width are written over each other. */
const MAX_PADDING = 128;
const SPACE = 0x20;

/** A value that shared execution left open, as the JSON of each viewer. */
class PlaceholderValue {
  private readonly show: (viewer: Viewpoint, cursor: string) => unknown;
  private readonly complete: (value: unknown) => unknown;
  private readonly known = new Map<unknown, Uint8Array>();
  /** The widest so far, in bytes. */
  private width = 0;

  constructor(show: (viewer: Viewpoint, cursor: string) => unknown, complete: (value: unknown) => unknown) {
    this.show = show;
    this.complete = complete;
  }

  /** The same object for the same value, if there are few. */
  for(viewer: Viewpoint, cursor: string): Uint8Array {
    const value = this.show(viewer, cursor);
    const known = this.known.get(value);
    if (known?.length === this.width) return known;
    const json = this.padded(known ?? Buffer.from(JSON.stringify(this.complete(value))));
    if (known || this.known.size < MAX_KNOWN) this.known.set(value, json);
    return json;
  }

  private padded(json: Uint8Array): Uint8Array {
    this.width = Math.max(this.width, json.length);
    if (json.length === this.width || this.width - json.length > MAX_PADDING) return json;
    const wide = Buffer.alloc(this.width, SPACE);
    wide.set(json);
    return wide;
  }
}

/** Collects the values that one shared execution leaves open. */
export class PlaceholderValues implements Placeholders {
  readonly values: PlaceholderValue[] = [];
  /** The cursor of the stream that the item goes to. */
  readonly cursorValue = new PlaceholderValue(
    (_viewer, cursor) => cursor,
    (cursor) => cursor,
  );
  /** Stands for it. */
  readonly cursor = this.open(this.cursorValue);

  add(show: (viewer: unknown) => unknown, complete: (value: unknown) => unknown): string {
    return this.open(new PlaceholderValue(show, complete));
  }

  private open(value: PlaceholderValue): string {
    this.values.push(value);
    return `${MARK}${this.values.length - 1}_`;
  }
}

/** What the values of one viewer were made from: every question that they asked of the viewpoint, and the answer. */
class Transcript implements Viewpoint {
  private readonly users: number[] = [];
  private readonly isViewerOf: boolean[] = [];
  private readonly maps: ReadonlyMap<number, unknown>[] = [];
  private readonly values: unknown[] = [];
  private readonly rooms: number[] = [];
  private readonly rights: (Rights | null)[] = [];
  private readonly unreadRooms: number[] = [];
  private readonly unread: (Unread | null)[] = [];
  private totals: UnreadTotals | null = null;
  private hasTotals = false;
  private readonly viewer: Viewpoint;

  constructor(viewer: Viewpoint) {
    this.viewer = viewer;
  }

  isViewer(userId: number): boolean {
    const answer = this.viewer.isViewer(userId);
    if (!this.users.includes(userId)) {
      this.users.push(userId);
      this.isViewerOf.push(answer);
    }
    return answer;
  }

  valueIn<Value>(values: ReadonlyMap<number, Value>): Value | undefined {
    const answer = this.viewer.valueIn(values);
    if (!this.maps.includes(values)) {
      this.maps.push(values);
      this.values.push(answer);
    }
    return answer;
  }

  rightsIn(roomId: number): Rights | null {
    const answer = this.viewer.rightsIn(roomId);
    if (!this.rooms.includes(roomId)) {
      this.rooms.push(roomId);
      this.rights.push(answer);
    }
    return answer;
  }

  unreadIn(roomId: number): Unread | null {
    const answer = this.viewer.unreadIn(roomId);
    if (!this.unreadRooms.includes(roomId)) {
      this.unreadRooms.push(roomId);
      this.unread.push(answer);
    }
    return answer;
  }

  unreadTotals(): UnreadTotals | null {
    this.totals = this.viewer.unreadTotals();
    this.hasTotals = true;
    return this.totals;
  }

  /** Whether that viewer gives the same answers: then the same questions lead to the same values. */
  isTrueFor(viewer: Viewpoint): boolean {
    for (let i = 0; i < this.users.length; i++)
      if (viewer.isViewer(this.users[i] as number) !== this.isViewerOf[i]) return false;
    for (let i = 0; i < this.maps.length; i++)
      if (viewer.valueIn(this.maps[i] as ReadonlyMap<number, unknown>) !== this.values[i]) return false;
    for (let i = 0; i < this.rooms.length; i++)
      if (viewer.rightsIn(this.rooms[i] as number) !== this.rights[i]) return false;
    for (let i = 0; i < this.unreadRooms.length; i++)
      if (!isSameUnread(viewer.unreadIn(this.unreadRooms[i] as number), this.unread[i] ?? null)) return false;
    return !this.hasTotals || isSameTotals(viewer.unreadTotals(), this.totals);
  }
}

/** As far as fields show it. */
function isSameUnread(one: Unread | null, other: Unread | null): boolean {
  if (one === other) return true;
  return (
    one !== null &&
    other !== null &&
    one.readSeq === other.readSeq &&
    one.messages === other.messages &&
    one.mentions === other.mentions &&
    one.mutedUntil === other.mutedUntil &&
    one.isPinned === other.isPinned &&
    one.isHidden === other.isHidden &&
    one.sharesReceipts === other.sharesReceipts &&
    one.folder === other.folder
  );
}

function isSameTotals(one: UnreadTotals | null, other: UnreadTotals | null): boolean {
  if (one === other) return true;
  return (
    one?.messages === other?.messages && one?.mentions === other?.mentions && one?.rooms === other?.rooms
  );
}

/** An event executed and serialised once for all subscribers; the values of each viewer are filled in. */
export class SharedText {
  private readonly values: readonly PlaceholderValue[];
  /** Where the cursor of the subscriber stands. */
  private readonly cursors: readonly number[];
  /** As the last subscriber got it: text, value, text, and so on. */
  private last: Payload;
  private transcript: Transcript | null = null;

  constructor(json: string, open: PlaceholderValues) {
    const parts = json.split(PLACEHOLDER);
    const isText = (_part: string, i: number) => i % 2 === 0;
    this.values = parts
      .filter((part, i) => !isText(part, i))
      .map((index) => open.values[Number(index)] as PlaceholderValue);
    this.cursors = [...this.values.keys()].filter((i) => this.values[i] === open.cursorValue);
    this.last = new Payload(parts.map((part, i) => (isText(part, i) ? Buffer.from(part) : NO_BYTES)));
  }

  /**
   * The same payload for subscribers with the same values, one after the other.
   * @throws GraphQLError where a value is none of its field's type
   */
  for(viewer: Viewpoint, cursor: string): Payload {
    if (this.transcript?.isTrueFor(viewer)) return this.fill(this.cursors, viewer, cursor);
    this.transcript = null; // as long as not all values are there
    const transcript = new Transcript(viewer);
    const filled = this.fill(this.values.keys(), transcript, cursor);
    this.transcript = transcript;
    return filled;
  }

  private fill(indexes: Iterable<number>, viewer: Viewpoint, cursor: string): Payload {
    let pieces: Uint8Array[] | null = null;
    for (const i of indexes) {
      const value = (this.values[i] as PlaceholderValue).for(viewer, cursor);
      if (value === this.last.pieces[2 * i + 1]) continue;
      pieces ??= [...this.last.pieces];
      pieces[2 * i + 1] = value;
    }
    if (pieces) this.last = new Payload(pieces);
    return this.last;
  }
}
