import { randomBytes } from 'node:crypto';
import type { Viewpoint } from '../context.ts';
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
class OpenValue {
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
export class OpenValues implements Placeholders {
  readonly values: OpenValue[] = [];
  /** Stands for the cursor of the stream that the item goes to. */
  readonly cursor = this.open(
    new OpenValue(
      (_viewer, cursor) => cursor,
      (cursor) => cursor,
    ),
  );

  add(show: (viewer: unknown) => unknown, complete: (value: unknown) => unknown): string {
    return this.open(new OpenValue(show, complete));
  }

  private open(value: OpenValue): string {
    this.values.push(value);
    return `${MARK}${this.values.length - 1}_`;
  }
}

/** An event executed and serialised once for all subscribers; the values of each viewer are filled in. */
export class SharedText {
  private readonly values: readonly OpenValue[];
  /** As the last subscriber got it: text, value, text, and so on. */
  private last: Payload;

  constructor(json: string, open: OpenValues) {
    const parts = json.split(PLACEHOLDER);
    const isText = (_part: string, i: number) => i % 2 === 0;
    this.values = parts
      .filter((part, i) => !isText(part, i))
      .map((index) => open.values[Number(index)] as OpenValue);
    this.last = new Payload(parts.map((part, i) => (isText(part, i) ? Buffer.from(part) : NO_BYTES)));
  }

  /**
   * The same payload for subscribers with the same values, one after the other.
   * @throws GraphQLError where a value is none of its field's type
   */
  for(viewer: Viewpoint, cursor: string): Payload {
    let pieces: Uint8Array[] | null = null;
    for (let i = 0; i < this.values.length; i++) {
      const value = (this.values[i] as OpenValue).for(viewer, cursor);
      if (value === this.last.pieces[2 * i + 1]) continue;
      pieces ??= [...this.last.pieces];
      pieces[2 * i + 1] = value;
    }
    if (pieces) this.last = new Payload(pieces);
    return this.last;
  }
}
