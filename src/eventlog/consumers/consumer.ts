import type { Sql } from '../../platform/db.ts';

/** An event as the log has it: ids and facts, no texts. What it is about is read by the effect, and may be gone. */
export interface ConsumedEvent {
  readonly roomId: number;
  readonly roomSeq: number;
  /** `room_events.kind`; the registry has its name. */
  readonly kind: number;
  readonly actorId: number | null;
  readonly subject: number | null;
  readonly messageSeq: number;
  readonly createdAt: Date;
  readonly facts: Readonly<Record<string, unknown>> | null;
}

export interface Batch {
  /** With `roomId` and `roomSeq` it names an event for ever: the key for effects outside the database. */
  readonly epoch: number;
  /** Each room's ascend without gaps; between rooms there is no order. */
  readonly events: readonly ConsumedEvent[];
  /** The transaction that also saves the position. What is written here takes effect exactly once. */
  readonly sql: Sql;
}

/** Reads the logs of all rooms, in one place among all nodes. */
export interface LogConsumer {
  /** Names its position in the database. Never changed, never used again. */
  readonly name: string;
  /**
   * The effect of some events. It has seconds, and may be called again with the same events if the node dies before the
   * commit. If it throws, the events of one room are tried alone, and one that keeps failing stops only its room.
   */
  apply(batch: Batch): Promise<void>;
  /** Called when this node becomes the one that runs the consumer. */
  lead?(sql: Sql): Promise<void>;
  /** Called when another node may run it from now on. */
  resign?(): void;
}
