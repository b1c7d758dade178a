import { emptyModel, type Model } from './model.ts';
import type { Room, State } from './reducer.ts';

/**
 * A model as rows of a key and a value, for storage and for other tabs. A change touches few of them. The value
 * `undefined` removes a row.
 */
export type Rows = Map<string, unknown>;

type Dictionary = Readonly<Record<string, unknown>>;

const SEPARATOR = '\n';
/** Rows that other tabs get, and storage does not. */
const PASSING = ['view', 'connection'];

const none: Dictionary = {};
const kindOf = (key: string) => key.split(SEPARATOR, 1)[0] as string;

/** The rows in which two models differ. */
export function rowsBetween(before: Model, after: Model): Rows {
  const rows: Rows = new Map();
  compareOne(rows, 'session', before.session, after.session);
  compareOne(rows, 'connection', before.connection, after.connection);
  compareAll(rows, 'outbox', before.outbox, after.outbox);
  compareAll(rows, 'view', before.views, after.views);
  compareStates(rows, before.state, after.state);
  return rows;
}

export function storedRows(rows: Rows): Rows {
  return new Map([...rows].filter(([key]) => !PASSING.includes(kindOf(key))));
}

function compareStates(rows: Rows, before: State | null, after: State | null): void {
  if (before === after) return;
  compareOne(rows, 'position', before, after, positionOf);
  compareAll(rows, 'person', before?.people ?? none, after?.people ?? none);
  const [old, now] = [before?.rooms ?? {}, after?.rooms ?? {}];
  if (old === now) return;
  for (const id of new Set([...Object.keys(old), ...Object.keys(now)]))
    compareRooms(rows, id, old[id], now[id]);
}

function compareRooms(rows: Rows, id: string, before: Room | undefined, after: Room | undefined): void {
  if (before === after) return;
  compareOne(rows, `room${SEPARATOR}${id}`, before, after, factsOf);
  compareAll(rows, `member${SEPARATOR}${id}`, before?.members ?? none, after?.members ?? none);
  compareAll(rows, `message${SEPARATOR}${id}`, before?.messages ?? none, after?.messages ?? none);
}

const positionOf = ({ people: _people, rooms: _rooms, ...position }: State) => position;
const factsOf = ({ members: _members, messages: _messages, ...facts }: Room) => facts;

function compareOne<Value>(
  rows: Rows,
  key: string,
  before: Value | null | undefined,
  after: Value | null | undefined,
  toRow: (value: Value) => unknown = (value) => value,
): void {
  if (before !== after) rows.set(key, after ? toRow(after) : undefined);
}

function compareAll(rows: Rows, prefix: string, before: Dictionary, after: Dictionary): void {
  if (before === after) return;
  for (const id of Object.keys(after))
    if (before[id] !== after[id]) rows.set(`${prefix}${SEPARATOR}${id}`, after[id]);
  for (const id of Object.keys(before))
    if (!Object.hasOwn(after, id)) rows.set(`${prefix}${SEPARATOR}${id}`, undefined);
}

/** What is under construction while rows are put into a model. Their order does not matter. */
class Draft {
  private readonly copies = new Map<string, Record<string, unknown>>();
  private readonly model: Model;

  constructor(model: Model) {
    this.model = model;
  }

  set(key: string, value: unknown): void {
    const parts = key.split(SEPARATOR);
    const id = parts.pop() as string;
    const group = this.copy(parts.join(SEPARATOR));
    if (value === undefined) delete group[id];
    else group[id] = value;
  }

  finish(): Model {
    const { session = null, connection = emptyModel.connection, position = null } = this.read('');
    return {
      session,
      connection,
      outbox: this.read('outbox'),
      views: this.read('view'),
      state: position && { ...(position as State), people: this.read('person'), rooms: this.rooms() },
    } as Model;
  }

  private rooms(): Record<string, Room> {
    const touched = new Set([...this.copies.keys()].map((group) => group.split(SEPARATOR)[1]));
    const facts = this.read('room');
    const rooms = Object.keys(facts).map((id) => {
      const held = this.model.state?.rooms[id];
      if (held && facts[id] === held && !touched.has(id)) return [id, held] as const;
      const [members, messages] = [
        this.read(`member${SEPARATOR}${id}`),
        this.read(`message${SEPARATOR}${id}`),
      ];
      return [id, { ...(facts[id] as Room), members, messages } as Room] as const;
    });
    return Object.fromEntries(rooms);
  }

  private read(group: string): Record<string, unknown> {
    return this.copies.get(group) ?? (this.original(group) as Record<string, unknown>);
  }

  private copy(group: string): Record<string, unknown> {
    const copy = this.copies.get(group) ?? { ...this.original(group) };
    this.copies.set(group, copy);
    return copy;
  }

  private original(group: string): Dictionary {
    const { session, connection, outbox, views, state } = this.model;
    const [kind, roomId = ''] = group.split(SEPARATOR);
    switch (kind) {
      case 'outbox':
        return outbox;
      case 'view':
        return views;
      case 'person':
        return state?.people ?? none;
      case 'room':
        return state?.rooms ?? none;
      case 'member':
        return state?.rooms[roomId]?.members ?? none;
      case 'message':
        return state?.rooms[roomId]?.messages ?? none;
      default:
        return { session, connection, position: state };
    }
  }
}

/** The model with these rows in place of its own. */
export function withRows(model: Model, rows: Iterable<readonly [string, unknown]>): Model {
  const draft = new Draft(model);
  for (const [key, value] of rows) draft.set(key, value);
  return draft.finish();
}
