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
/** At most so many subscribers in a row get their values without a transcript. */
const MAX_SKIPPED = 64;

/** The JSON of integers below this is kept for all fields and events, with each width up to the widest integer of GraphQL. */
const MAX_KEPT = 4_096;
const MAX_DIGITS = 10;
/** By width and integer, made when they are first needed. */
const kept = Array.from({ length: MAX_DIGITS + 1 }, (): Uint8Array[] => []);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The JSON of a count, with spaces up to that width. */
function countJson(count: number, width: number): Uint8Array {
  const ofWidth = kept[width];
  if (!ofWidth || count >= MAX_KEPT) return spacedJson(count, width);
  ofWidth[count] ??= spacedJson(count, width);
  return ofWidth[count];
}

const spacedJson = (count: number, width: number) => Buffer.from(`${count}`.padEnd(width));

const digitsOf = (count: number) =>
  count < 10 ? 1 : count < 100 ? 2 : count < 1_000 ? 3 : `${count}`.length;

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
    if (isCount(value)) return this.forCount(value);
    const known = this.known.get(value);
    if (known?.length === this.width) return known;
    const json = this.padded(known ?? Buffer.from(JSON.stringify(this.complete(value))));
    if (known || this.known.size < MAX_KNOWN) this.known.set(value, json);
    return json;
  }

  private forCount(value: number): Uint8Array {
    const count = this.complete(value);
    if (!isCount(count)) return this.padded(Buffer.from(JSON.stringify(count)));
    this.width = Math.max(this.width, digitsOf(count));
    return countJson(count, this.width);
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

/** Questions of one kind that were asked of a viewpoint, each once, and the answers. */
class Answers<Question, Answer> {
  private readonly questions: Question[] = [];
  private readonly answers: Answer[] = [];
  private readonly ask: (viewer: Viewpoint, question: Question) => Answer;
  private readonly isSame: (one: Answer, other: Answer) => boolean;

  constructor(
    ask: (viewer: Viewpoint, question: Question) => Answer,
    isSame: (one: Answer, other: Answer) => boolean = (one, other) => one === other,
  ) {
    this.ask = ask;
    this.isSame = isSame;
  }

  of(viewer: Viewpoint, question: Question): Answer {
    const answer = this.ask(viewer, question);
    if (!this.questions.includes(question)) {
      this.questions.push(question);
      this.answers.push(answer);
    }
    return answer;
  }

  /** Whether that viewer gives the same answers. */
  areThoseOf(viewer: Viewpoint): boolean {
    for (let i = 0; i < this.questions.length; i++)
      if (!this.isSame(this.ask(viewer, this.questions[i] as Question), this.answers[i] as Answer))
        return false;
    return true;
  }
}

type AnyValues = ReadonlyMap<number, unknown>;

const isViewer = (viewer: Viewpoint, userId: number) => viewer.isViewer(userId);
const valueIn = (viewer: Viewpoint, values: AnyValues) => viewer.valueIn(values);
const rightsIn = (viewer: Viewpoint, roomId: number) => viewer.rightsIn(roomId);
const unreadIn = (viewer: Viewpoint, roomId: number) => viewer.unreadIn(roomId);
const unreadTotals = (viewer: Viewpoint) => viewer.unreadTotals();

/** What the values of one viewer were made from: all that they asked of the viewpoint. */
class Transcript implements Viewpoint {
  private readonly viewers = new Answers(isViewer);
  private readonly values = new Answers(valueIn);
  private readonly rights = new Answers(rightsIn);
  private readonly unread = new Answers(unreadIn, isSameUnread);
  private readonly totals = new Answers<null, UnreadTotals | null>(unreadTotals, isSameTotals);
  private readonly viewer: Viewpoint;

  constructor(viewer: Viewpoint) {
    this.viewer = viewer;
  }

  isViewer(userId: number): boolean {
    return this.viewers.of(this.viewer, userId);
  }

  valueIn<Value>(values: ReadonlyMap<number, Value>): Value | undefined {
    return this.values.of(this.viewer, values) as Value | undefined;
  }

  rightsIn(roomId: number): Rights | null {
    return this.rights.of(this.viewer, roomId);
  }

  unreadIn(roomId: number): Unread | null {
    return this.unread.of(this.viewer, roomId);
  }

  unreadTotals(): UnreadTotals | null {
    return this.totals.of(this.viewer, null);
  }

  /** Whether that viewer gives the same answers: then the same questions lead to the same values. */
  isTrueFor(viewer: Viewpoint): boolean {
    return (
      this.viewers.areThoseOf(viewer) &&
      this.values.areThoseOf(viewer) &&
      this.rights.areThoseOf(viewer) &&
      this.unread.areThoseOf(viewer) &&
      this.totals.areThoseOf(viewer)
    );
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
  /** The indexes of all values. */
  private readonly every: readonly number[];
  /** The indexes of the values that are the cursor of the subscriber. */
  private readonly cursors: readonly number[];
  /** As the last subscriber got it: text, value, text, and so on. */
  private last: Payload;
  private transcript: Transcript | null = null;
  /** How many get their values without a transcript after the next difference; twice as many each time. */
  private skips = 1;
  private skipsLeft = 0;

  constructor(json: string, open: PlaceholderValues) {
    const parts = json.split(PLACEHOLDER);
    const isText = (_part: string, i: number) => i % 2 === 0;
    this.values = parts
      .filter((part, i) => !isText(part, i))
      .map((index) => open.values[Number(index)] as PlaceholderValue);
    this.every = [...this.values.keys()];
    this.cursors = this.every.filter((i) => this.values[i] === open.cursorValue);
    this.last = new Payload(parts.map((part, i) => (isText(part, i) ? Buffer.from(part) : NO_BYTES)));
  }

  /**
   * The same payload for subscribers with the same values, one after the other.
   * @throws GraphQLError where a value is none of its field's type
   */
  for(viewer: Viewpoint, cursor: string): Payload {
    if (this.transcript?.isTrueFor(viewer)) {
      this.skips = 1;
      return this.fill(this.cursors, viewer, cursor);
    }
    if (this.transcript) this.skip();
    if (this.skipsLeft === 0) return this.fillAnew(viewer, cursor);
    this.skipsLeft--;
    return this.fill(this.every, viewer, cursor);
  }

  /** Where nearly every viewer has values of their own, a transcript costs more than it saves. */
  private skip(): void {
    this.transcript = null; // or it would be that of other values than the last ones
    this.skipsLeft = this.skips;
    this.skips = Math.min(2 * this.skips, MAX_SKIPPED);
  }

  private fillAnew(viewer: Viewpoint, cursor: string): Payload {
    const transcript = new Transcript(viewer);
    const filled = this.fill(this.every, transcript, cursor);
    this.transcript = transcript; // only now: all values are there
    return filled;
  }

  private fill(indexes: readonly number[], viewer: Viewpoint, cursor: string): Payload {
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
