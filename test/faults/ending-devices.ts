import { type Arena, LIVENESS_MS } from './arena.ts';
import { Device } from './device.ts';
import { DeviceHost } from './device-host.ts';
import { SnapshotReader } from './fresh-snapshot.ts';
import { compareStore } from './store-comparison.ts';

const CLOSE_MS = 5_000;

/** Devices whose session has not ended. */
const remaining = ({ devices }: Arena) => devices.filter(({ isOver }) => !isOver);

/** Waits until every SDK client has stored everything, and has nothing to send any more. */
export async function settleDevices(arena: Arena): Promise<void> {
  const heads = await arena.world.cluster.postgres.heads();
  for (const host of arena.hosts) {
    if (!host.isUp) host.start();
    host.tell({ do: 'reconnect' });
  }
  const late = () => remaining(arena).filter((device) => !device.isAt(heads));
  const ok = await arena.expect(
    'every SDK client stores the heads and has an empty outbox in the end',
    LIVENESS_MS,
    () => late().length === 0,
  );
  if (!ok) {
    const states = late().map(({ name, state }) => `${name} ${JSON.stringify(state)}`);
    arena.say(`behind: ${states.join(', ')}`);
  }
}

/** Closes all SDK clients and compares what they stored. Returns the names of those that have to be compared. */
export async function compareStores(arena: Arena): Promise<string[]> {
  const { world, hosts } = arena;
  const devices = remaining(arena);
  const fresh = await openFresh(arena, devices);
  await Promise.all(hosts.map((host) => host.close(CLOSE_MS)));
  for (const [i, device] of devices.entries()) {
    const place = world.cluster.up[i % world.cluster.up.length];
    if (!place) break;
    const reader = new SnapshotReader(place, device.person);
    try {
      world.history.add(await compareStore(device, fresh[i] as Device, reader));
    } catch (error) {
      arena.say(`${device.name} was not compared: ${(error as Error).message}`);
    }
  }
  return devices.map(({ name }) => name);
}

/** An SDK client with an empty storage for each person, which takes its snapshot and is closed. */
async function openFresh(arena: Arena, devices: readonly Device[]): Promise<Device[]> {
  const { world } = arena;
  const [first] = arena.hosts;
  const fresh = await Promise.all(
    devices.map((device) => Device.create(world, device.person, `${device.name}-fresh`)),
  );
  if (!first) return fresh;
  const host = new DeviceHost(world, arena.hosts.length, first.program, fresh, (device, report) =>
    device.hear(report),
  );
  host.start();
  await arena.expect('fresh SDK clients are live', LIVENESS_MS, () =>
    fresh.every(({ state }) => state.status === 'live'),
  );
  await host.close(CLOSE_MS);
  return fresh;
}
