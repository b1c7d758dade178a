import type { Model } from '../../packages/client/src/model.ts';
import { type RoomAnswer, type State, timeline } from '../../packages/client/src/reducer.ts';
import { answered, comparable, type Depths } from '../realtime/convergence/compare.ts';
import type { Device } from './device.ts';
import type { Shown } from './device-messages.ts';
import { differencesBetween } from './differences.ts';
import { epochOf } from './follower.ts';
import type { SnapshotReader } from './fresh-snapshot.ts';
import type { StoreEntry } from './history.ts';

const MAX_DIFFERENCES = 20;

type Comparison = Omit<StoreEntry, 't'>;

/**
 * Compares what an SDK client stored and showed with what a fresh SDK client stored and with what the server says. All
 * three are closed or over: nothing changes any more.
 * @throws Error when the server does not answer
 */
export async function compareStore(
  device: Device,
  fresh: Device,
  reader: SnapshotReader,
): Promise<Comparison> {
  const [model, freshModel] = await Promise.all([device.stored(), fresh.stored()]);
  const depths = depthsOf(model.state);
  const truth = await deepened(await reader.rooms(), depths, reader);
  const freshDepths = depthsOf(freshModel.state);
  const differences = [
    ...ofState(model.state, truth),
    ...ofOutbox(model, truth),
    ...ofShown(device.shown ?? {}, truth),
    ...ofState(freshModel.state, cut(truth, freshDepths)).map((what) => `a fresh client: ${what}`),
  ];
  return {
    f: 'store',
    client: device.name,
    user: device.person.user,
    epoch: model.state ? epochOf('inbox', model.state.cursor) : 0,
    rooms: truth.length,
    members: sum(truth, ({ members }) => members?.nodes.length),
    messages: sum(truth, ({ messages }) => messages?.nodes.length),
    failed: Object.values(model.outbox)
      .filter(({ status }) => status === 'failed')
      .map(({ key }) => key),
    differences: differences.sort((a, b) => a.length - b.length).slice(0, MAX_DIFFERENCES),
  };
}

const sum = (rooms: readonly RoomAnswer[], count: (room: RoomAnswer) => number | undefined) =>
  rooms.reduce((total, room) => total + (count(room) ?? 0), 0);

/** How long each timeline is that was loaded. */
const depthsOf = (state: State | null): Depths =>
  new Map(Object.values(state?.rooms ?? {}).map((room) => [room.id, timeline(room).length]));

/** The rooms with as many messages as a store has loaded, and never fewer than a snapshot has. */
function deepened(
  rooms: readonly RoomAnswer[],
  depths: Depths,
  reader: SnapshotReader,
): Promise<RoomAnswer[]> {
  return Promise.all(
    rooms.map(async (room) => {
      const least = room.messages?.nodes.length ?? 0;
      const depth = Math.max(least, depths.get(room.id) ?? 0);
      const nodes = depth > least ? await reader.messages(room.id, depth) : (room.messages?.nodes ?? []);
      return { ...room, messages: { nodes: nodes.slice(-depth) } };
    }),
  );
}

const cut = (rooms: readonly RoomAnswer[], depths: Depths): RoomAnswer[] =>
  rooms.map((room) => {
    const depth = depths.get(room.id) ?? 0;
    return { ...room, messages: { nodes: depth > 0 ? (room.messages?.nodes ?? []).slice(-depth) : [] } };
  });

function ofState(state: State | null, truth: readonly RoomAnswer[]): string[] {
  if (!state) return ['there is no snapshot'];
  const depths = new Map(truth.map(({ id, messages }) => [id, messages?.nodes.length ?? 0]));
  try {
    return differencesBetween(comparable(answered(state, depths)), comparable(truth));
  } catch (error) {
    return [(error as Error).message];
  }
}

/** An outbox has nothing but what failed, and nothing of that is stored. */
function ofOutbox({ outbox, reactions }: Model, truth: readonly RoomAnswer[]): string[] {
  const keys = new Set(
    truth.flatMap(({ messages }) => messages?.nodes.map((one) => one.idempotencyKey) ?? []),
  );
  const messages = Object.values(outbox).flatMap(({ key, status, roomId }) => {
    if (status !== 'failed') return [`the outbox has ${key} of ${roomId}, which is ${status}`];
    return keys.has(key) ? [`the outbox has ${key} of ${roomId}, which is stored`] : [];
  });
  return [...messages, ...Object.keys(reactions).map((name) => `the outbox has the reaction ${name}`)];
}

/** What an application showed is what was stored. The order of rooms is the client's own. */
function ofShown(shown: Shown, truth: readonly RoomAnswer[]): string[] {
  const stored = Object.entries(shown).map(([id, messages]) => ({
    id,
    messages: messages.filter(({ status }) => status === 'stored').map(visible),
  }));
  const expected = truth.map(({ id, messages }) => ({ id, messages: messages?.nodes.map(visible) }));
  return differencesBetween(stored.sort(byId), expected.sort(byId), 'shown');
}

const visible = ({ id, text, version }: { id: string | null; text: string | null; version: number }) => ({
  id,
  text,
  version,
});

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
