import type { Sql } from '../../platform/db.ts';

/**
 * An event as stored in the log: ids and facts, no texts. The effect reads the subject, which may have been deleted.
 */
export interface ConsumedEvent {
  readonly roomId: number;
  readonly roomSeq: number;
  /** `room_events.kind`; the registry has the name. */
  readonly kind: number;
  readonly actorId: number | null;
  readonly subject: number | null;
  readonly messageSeq: number;
  readonly createdAt: Date;
  readonly facts: Readonly<Record<string, unknown>> | null;
}

export interface Batch {
  /** Together with `roomId` and `roomSeq` it identifies an event for ever: the key for effects outside the database. */
  readonly epoch: number;
  /** The events of each room ascend without gaps; between rooms there is no order. */
  readonly events: readonly ConsumedEvent[];
  /** The transaction that also saves the position. Writes in it take effect exactly once. */
  readonly sql: Sql;
}

/** Reads the logs of all rooms, on one node at a time. */
export interface LogConsumer {
  /** The name of its position in the database. Never change it or use it for another consumer. */
  readonly name: string;
  /**
   * Applies the effect of some events, within seconds. It is called again with the same events if the node dies before
   * the commit. If it throws, the events of one room are tried alone, and an event that keeps failing stops only its
   * room.
   */
  apply(batch: Batch): Promise<void>;
  /** Called when this node becomes the one that runs the consumer. */
  lead?(sql: Sql): Promise<void>;
  /** Called when another node may run the consumer from now on. */
  resign?(): void;
}
