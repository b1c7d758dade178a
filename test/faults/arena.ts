import { setTimeout as delay } from 'node:timers/promises';
import type { Changes } from './changes.ts';
import type { Place } from './cluster.ts';
import type { Device } from './device.ts';
import type { DeviceHost } from './device-host.ts';
import { DevicePosting } from './device-posting.ts';
import { CAUGHT_UP } from './figures.ts';
import type { Posted, Posting } from './posting.ts';
import { SocketSubscriber, type Subscriber } from './subscriber.ts';
import type { Tier } from './tiers.ts';
import { until } from './until.ts';
import type { Person, Room, World } from './world.ts';

/** Whatever was wrong, everybody who is live has everything so long after it was healed. */
export const LIVENESS_MS = 20_000;
const METRICS_PATIENCE_MS = 3_000;
const QUIET_BOUND_MS = 5_000;
const BUS_BOUND_MS = 15_000;

/** Everything that a fault may touch. */
export class Arena {
  readonly world: World;
  readonly posting: Posting;
  readonly changes: Changes;
  readonly tier: Tier;
  readonly subscribers: Subscriber[] = [];
  /** The processes of SDK clients. */
  readonly hosts: DeviceHost[] = [];
  readonly devicePosting: DevicePosting;
  /** Clients that are slow or cut off on purpose just now: nobody waits for them. */
  readonly excused = new Set<Subscriber>();
  /** People who are removed and come back. */
  readonly victims: Person[] = [];
  /** People whose sessions will end, one by one. */
  readonly doomed: Person[] = [];
  /** Something did not come true in time: what follows would prove nothing more. */
  isBroken = false;
  /** Rooms that victims have lost for good, by `user/room`. */
  private readonly lost = new Set<string>();
  private readonly busy = new Map<Person, Promise<unknown>>();
  private faults = 0;

  constructor(world: World, tier: Tier, posting: Posting, changes: Changes) {
    this.world = world;
    this.tier = tier;
    this.posting = posting;
    this.changes = changes;
    this.devicePosting = new DevicePosting(world, posting, this.hosts);
  }

  /** Tells the history of a fault while it lasts. */
  async during<Result>(
    kind: string,
    target: string,
    inject: () => Promise<Result>,
    room?: number,
  ): Promise<Result> {
    const fault = {
      f: 'fault',
      kind,
      n: ++this.faults,
      target,
      ...(room !== undefined && { room }),
    } as const;
    this.world.history.add({ ...fault, phase: 'begin' });
    try {
      return await inject();
    } finally {
      this.world.history.add({ ...fault, phase: 'end' });
    }
  }

  /** Records whether something came true in time. */
  async expect(what: string, ms: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
    const began = performance.now();
    const ok = await until(condition, ms);
    this.record(what, ok, ok ? performance.now() - began : ms);
    return ok;
  }

  record(what: string, ok: boolean, ms: number): void {
    this.isBroken ||= !ok;
    this.world.history.add({ f: 'expect', type: ok ? 'ok' : 'fail', what, ms: Math.round(ms) });
  }

  get devices(): Device[] {
    return this.hosts.flatMap(({ devices }) => devices);
  }

  get live(): Subscriber[] {
    return this.subscribers.filter((one) => !one.follower.isOver && !this.excused.has(one));
  }

  /** All who are live have what has been acknowledged by now. */
  async caughtUp(after: string): Promise<void> {
    const heads = new Map(this.posting.heads);
    const lag = () => this.live.filter(({ follower }) => !hasReached(follower.heads, heads));
    const ok = await this.expect(`${CAUGHT_UP}${after}`, LIVENESS_MS, () => lag().length === 0);
    if (!ok)
      this.say(
        `behind: ${lag()
          .map(({ name, follower }) => `${name} ${JSON.stringify([...follower.heads])}`)
          .join(' ')} of ${JSON.stringify([...heads])}`,
      );
  }

  /** A burst in a room in which nothing else happens, through one node; `beforeLast` may spoil the last of it. */
  async burst(room: Room, place: Place, length: number, beforeLast: () => void): Promise<Posted | null> {
    for (let i = 1; i < length; i++) await this.posting.sayQuietly(room.id, place);
    beforeLast();
    return this.posting.sayQuietly(room.id, place);
  }

  /** Everybody in a quiet room has its end, though nothing follows. */
  async hasHeard(room: Room, seq: number, what: string): Promise<void> {
    const listeners = this.live.filter(({ follower }) => follower.heads.has(room.id));
    await this.expect(what, QUIET_BOUND_MS, () =>
      listeners.every(({ follower }) => follower.isOver || (follower.heads.get(room.id) ?? 0) >= seq),
    );
  }

  /** What changes somebody's memberships happens one at a time, or nobody could tell what should hold. */
  whileAlone<Result>(person: Person, act: () => Promise<Result>): Promise<Result> {
    const before = this.busy.get(person) ?? Promise.resolve();
    const done = before.then(act);
    this.busy.set(
      person,
      done.catch(() => undefined),
    );
    return done;
  }

  noteLoss({ user }: Person, room: number): void {
    this.lost.add(`${user}/${room}`);
  }

  hasLost({ user }: Person, room: number): boolean {
    return this.lost.has(`${user}/${room}`);
  }

  /** A victim's stream of a room ends with the membership; somebody who is back watches anew. */
  async watch(person: Person, room: number): Promise<void> {
    const ended = this.subscribers.find(
      ({ follower }) =>
        follower.isOver && follower.options.person === person && follower.options.room === room,
    );
    if (!ended || this.world.isEnding) return;
    const again = new SocketSubscriber(this.world, { ...ended.follower.options, name: `${ended.name}'` });
    this.subscribers.splice(this.subscribers.indexOf(ended), 1, again);
    await Promise.race([again.start(), delay(5_000)]);
  }

  get hotRoom(): Room {
    return this.openRooms.reduce((hot, room) => (room.weight > hot.weight ? room : hot));
  }

  get openRooms(): Room[] {
    return this.world.rooms.filter(({ isQuiet }) => !isQuiet);
  }

  get quietRooms(): Room[] {
    return this.world.rooms.filter(({ isQuiet }) => isQuiet);
  }

  /** News travel by Redis again, on all nodes. */
  async busIsBack(after: string): Promise<void> {
    await this.expect(`bus healthy after ${after}`, BUS_BOUND_MS, async () => {
      const all = await Promise.all(this.world.cluster.places.map((place) => metricsOf(place)));
      return all.every((metrics) => metrics?.['parley_bus_healthy'] === 1);
    });
  }

  say(line: string): void {
    process.stderr.write(`${(this.world.history.now() / 1_000).toFixed(1).padStart(7)} s  ${line}\n`);
  }
}

function hasReached(own: ReadonlyMap<number, number>, heads: ReadonlyMap<number, number>): boolean {
  for (const [room, seq] of own) if (seq < (heads.get(room) ?? 0)) return false;
  return true;
}

/** What a node says of itself; null while it is not there, or says nothing. */
export async function metricsOf({ node }: Place): Promise<Record<string, number> | null> {
  if (!node) return null;
  const said = node.metrics().catch(() => null);
  return Promise.race([said, delay(METRICS_PATIENCE_MS, null)]);
}
