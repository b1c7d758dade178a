import { emptyModel, type Model } from './model.ts';
import type { Room, State } from './reducer.ts';

/**
 * A model as rows of a key and a value, for storage and for other tabs. A change affects few rows. The value
 * `undefined` removes a row.
 */
export type Rows = Map<string, unknown>;

type Dictionary = Readonly<Record<string, unknown>>;
/** A model as groups of rows. The name of the group is the prefix of a row's key. */
type Groups = Record<string, Dictionary>;

const SEPARATOR = '\n';
/** Rows that are sent to other tabs, but not stored. */
const PASSING = ['view', 'connection'];

const none: Dictionary = {};
const memberGroup = (roomId: string) => `member${SEPARATOR}${roomId}`;
const messageGroup = (roomId: string) => `message${SEPARATOR}${roomId}`;

function groupsOf(
  { session, connection, state, outbox, reactions, drafts, views }: Model,
  isNeeded: (roomId: string) => boolean = () => true,
): Groups {
  const { people = none, rooms = {} } = state ?? {};
  const groups: Groups = {
    '': { session, connection, position: state },
    outbox,
    reaction: reactions,
    draft: drafts,
    view: views,
    person: people,
    room: rooms,
  };
  for (const [id, { members, messages }] of Object.entries(rooms)) {
    if (!isNeeded(id)) continue;
    groups[memberGroup(id)] = members;
    groups[messageGroup(id)] = messages;
  }
  return groups;
}

/** The rows in which two models differ. */
export function rowsBetween(before: Model, after: Model): Rows {
  const rows: Rows = new Map();
  const isChanged = (id: string) => before.state?.rooms[id] !== after.state?.rooms[id];
  const [old, now] = [groupsOf(before, isChanged), groupsOf(after, isChanged)];
  for (const group of keysOf(old, now)) compare(rows, group, old[group] ?? none, now[group] ?? none);
  return rows;
}

function compare(rows: Rows, group: string, before: Dictionary, after: Dictionary): void {
  if (before === after) return;
  for (const id of keysOf(before, after))
    if (before[id] !== after[id])
      rows.set(group ? `${group}${SEPARATOR}${id}` : id, valueOf(group, id, after[id]));
}

const keysOf = (a: Dictionary, b: Dictionary) => new Set([...Object.keys(a), ...Object.keys(b)]);

/** Removes the parts of a value that are in their own groups. */
function valueOf(group: string, id: string, value: unknown): unknown {
  if (!value) return undefined;
  if (group === 'room') {
    const { members: _members, messages: _messages, ...facts } = value as Room;
    return facts;
  }
  if (id !== 'position' || group) return value;
  const { people: _people, rooms: _rooms, ...position } = value as State;
  return position;
}

export function storedRows(rows: Rows): Rows {
  return new Map([...rows].filter(([key]) => !PASSING.includes(key.split(SEPARATOR, 1)[0] as string)));
}

/** Returns the model with these rows replaced. Their order does not matter. */
export function withRows(model: Model, rows: Iterable<readonly [string, unknown]>): Model {
  const groups = groupsOf(model);
  const copies: Record<string, Record<string, unknown>> = {};
  for (const [key, value] of rows) {
    const at = key.lastIndexOf(SEPARATOR);
    const group = key.slice(0, Math.max(at, 0));
    const copy = (copies[group] ??= { ...groups[group] });
    const id = key.slice(at + 1);
    if (value === undefined) delete copy[id];
    else copy[id] = value;
  }
  return modelOf({ ...groups, ...copies }, model, (group) => group in copies);
}

/** Unchanged rooms stay the same objects. */
function modelOf(groups: Groups, before: Model, isChanged: (group: string) => boolean): Model {
  const { session = null, connection = emptyModel.connection, position } = groups[''] as Dictionary;
  const { outbox, reaction: reactions, draft: drafts, view: views, person: people } = groups;
  const rooms = Object.entries(groups['room'] as Dictionary).map(([id, facts]) => {
    const held = before.state?.rooms[id];
    const [members, messages] = [memberGroup(id), messageGroup(id)];
    if (facts === held && !isChanged(members) && !isChanged(messages)) return [id, held];
    return [id, { ...(facts as Room), members: groups[members] ?? none, messages: groups[messages] ?? none }];
  });
  const state = position ? { ...position, people, rooms: Object.fromEntries(rooms) } : null;
  return { session, connection, outbox, reactions, drafts, views, state } as Model;
}
