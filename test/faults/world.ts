import type { Cluster, Place } from './cluster.ts';
import type { History } from './history.ts';
import type { Random } from './random.ts';

/** A user with an account and a session. */
export interface Person {
  readonly user: number;
  readonly token: string;
  readonly sessionId: string;
}

export interface Room {
  readonly id: number;
  /** Only the nemesis posts in it: no later event corrects a loss. */
  readonly isQuiet: boolean;
  readonly weight: number;
}

/** What every actor of a run has. */
export interface World {
  readonly cluster: Cluster;
  readonly history: History;
  readonly random: Random;
  readonly rooms: Room[];
  /** Owns all rooms. */
  owner: Person;
  /** True from the moment on at which nothing new is begun. */
  isEnding: boolean;
  /** The run is over, so nothing waits any more. */
  isOver: boolean;
}

/** A node to speak to: mostly one that is there, as behind a load balancer that looks now and then. */
export function anyPlace(world: World, random: Random, not?: Place): Place {
  const up = world.cluster.up.filter((place) => place !== not);
  return random.pick(up.length > 0 ? up : world.cluster.places);
}
