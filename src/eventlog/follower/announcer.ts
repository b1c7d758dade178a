import type { Bus } from '../../platform/bus.ts';
import type { Metrics } from '../../platform/telemetry.ts';
import type { EventRegistry } from '../registry.ts';
import { AccountFollower } from './account-follower.ts';
import { decodeAnnouncement, partsOf, type RoomNews } from './announcement.ts';
import type { Epoch } from './epoch.ts';
import { databaseToldBy, epochBeacon } from './epoch-beacon.ts';
import type { Followers } from './followers.ts';
import { type LogType, type Part, pack, unpack } from './packets.ts';
import type { RoomFollower } from './room-follower.ts';

/** Fixed channels, subscribed at boot: a stream never waits for a SUBSCRIBE. */
const CHANNELS = 64;
const EPOCH_BEACON_MS = 10_000;

export interface AnnouncerOptions {
  /** The bus to other nodes; null if there are none. */
  readonly bus: Bus | null;
  readonly registry: EventRegistry;
  readonly metrics: Metrics;
}

/** Announces commits to all nodes, and passes announcements of other nodes to the followers. */
export class Announcer {
  private readonly options: AnnouncerOptions;
  private readonly epoch: Epoch;
  private readonly followers: Followers;
  private beaconAt = performance.now();

  constructor(options: AnnouncerOptions, epoch: Epoch, followers: Followers) {
    this.options = options;
    this.epoch = epoch;
    this.followers = followers;
  }

  /** `onDoubt`: a node with the same data announced another epoch. */
  listen(onDoubt: () => void): void {
    for (let channel = 0; channel < CHANNELS; channel++)
      this.options.bus?.subscribe(`parley:${channel}`, (text, epoch) => this.hear(text, epoch, onDoubt));
  }

  /**
   * Announces one commit in several rooms: one message, sealed and sent once. Nodes accept its events only if they
   * continue exactly; without events, or with a gap, each node reads its log up to `head`.
   */
  announceRooms(news: readonly RoomNews[]): void {
    for (const { roomId, head, events } of news) this.followers.rooms.get(roomId)?.accept(events, head);
    this.publish('rooms', () => news.flatMap(partsOf));
  }

  /** Announces that these users' own logs have grown. */
  announceAccounts(userIds: readonly number[]): void {
    for (const userId of userIds) this.followers.accounts.get(userId)?.hint();
    this.publish('accounts', () => userIds.map((id) => ({ id, json: '' })));
  }

  /** Announces the epoch, so that a node that is connected to a replaced server polls again. */
  announceEpoch(): void {
    this.beaconAt = performance.now();
    const { topic, parts } = epochBeacon(this.epoch.database);
    this.publish(topic, () => parts);
  }

  announceEpochIfDue(): void {
    if (performance.now() - this.beaconAt >= EPOCH_BEACON_MS) this.announceEpoch();
  }

  private publish(topic: LogType, parts: () => readonly Part[]): void {
    const { bus } = this.options;
    if (!bus) return;
    for (const { id, text } of pack(topic, parts()))
      bus.publish(`parley:${id % CHANNELS}`, text, this.epoch.current);
  }

  private hear(text: string, epoch: number, onDoubt: () => void): void {
    for (const outcome of this.take(text, epoch, onDoubt))
      this.options.metrics.announcements.inc({ outcome });
  }

  // Announcements of rooms that this node does not follow are not parsed.
  private take(text: string, epoch: number, onDoubt: () => void): string[] {
    if (epoch !== this.epoch.current) {
      if (databaseToldBy(text) === this.epoch.database) onDoubt();
      return ['other epoch'];
    }
    const followersOf = (topic: LogType): ReadonlyMap<number, RoomFollower | AccountFollower> =>
      topic === 'rooms' ? this.followers.rooms : this.followers.accounts;
    const packet = unpack(text, (topic, id) => followersOf(topic).has(id));
    if (!packet) return ['malformed'];
    if (packet.parts.length === 0) return ['not followed'];
    return packet.parts.map((part) => this.takePart(part, followersOf(packet.topic).get(part.id)));
  }

  private takePart({ json }: Part, follower: RoomFollower | AccountFollower | undefined): string {
    if (!follower) return 'not followed'; // no longer
    if (follower instanceof AccountFollower) {
      follower.hint();
      return 'account';
    }
    const announcement = decodeAnnouncement(json, this.options.registry);
    return announcement ? follower.accept(announcement.events, announcement.head) : 'malformed';
  }
}
