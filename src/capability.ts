import type { Services } from './context.ts';
import type { LogConsumer } from './eventlog/consumers/consumer.ts';
import type { AccountEventKind, EphemeralKind, RoomEventKind, UnreadRules } from './eventlog/registry.ts';
import type { MessageSatellite } from './messages/satellites.ts';
import type { Chore } from './platform/hourly.ts';
import type { JobHandlers } from './platform/jobs.ts';

/** What a concept adds to a node, besides its part of the schema. Its `capability.ts` registers it in src/capabilities.ts. */
export interface Capability {
  /** The name of its folder. */
  readonly name: string;
  readonly roomEvents?: readonly RoomEventKind[];
  readonly accountEvents?: readonly AccountEventKind[];
  /** The kinds of values that it shows beside the logs of rooms. */
  readonly ephemeral?: readonly EphemeralKind[];
  /** The data that it attaches to messages. */
  readonly satellites?: readonly MessageSatellite<unknown>[];
  /** How what a member has not read is counted. One concept does that. */
  readonly unread?: UnreadRules;
  /** Tasks that delete obsolete data, every hour. */
  readonly chores?: (node: Services) => readonly Chore[];
  /** Work that goes on as long as the node runs. Each starts it, and returns a function that ends it. */
  readonly tasks?: readonly ((node: Services) => () => Promise<void>)[];
  /** What reads the logs of all rooms. */
  readonly consumers?: (node: Services) => readonly LogConsumer[];
  /** What happens outside the database, or in many transactions. A node without handlers runs no jobs. */
  readonly jobs?: (node: Services) => JobHandlers;
}
