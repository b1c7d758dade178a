import type { Log } from '../../platform/telemetry.ts';

/** A client that waits less has not given up. */
const STANDSTILL_MS = 1_000;

/** The one timer of a node's transports: sockets and streams have none of their own. */
export class Ticker {
  private readonly listeners = new Set<(tick: number) => void>();
  private readonly log: Log;
  private readonly timer: NodeJS.Timeout;
  private readonly everyMs: number;
  private tick = 0;
  private tickedAt = performance.now();
  private freshUntil = 0;

  constructor(log: Log, everyMs = 1_000) {
    this.log = log;
    this.everyMs = everyMs;
    this.timer = setInterval(() => this.run(), everyMs);
  }

  /** Whether the process has just come back after it stood still, by SIGSTOP or a machine that was put to sleep. */
  get hasStoodStill(): boolean {
    const now = performance.now();
    return now < this.freshUntil || this.isLate(now);
  }

  /** Called every second with a number that counts up. */
  onTick(listener: (tick: number) => void): void {
    this.listeners.add(listener);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private isLate(now: number): boolean {
    return now - this.tickedAt > this.everyMs + STANDSTILL_MS;
  }

  private run(): void {
    const now = performance.now();
    if (this.isLate(now)) this.freshUntil = now + STANDSTILL_MS;
    this.tickedAt = now;
    this.tick++;
    for (const listener of this.listeners) {
      try {
        listener(this.tick);
      } catch (err) {
        this.log.error({ err }, 'a periodic task of the transports failed');
      }
    }
  }
}

/** Spreads what each member needs once per round over the seconds of the round. */
export class Wheel<Member> {
  private readonly slots: Set<Member>[];
  private readonly slotOf = new Map<Member, Set<Member>>();
  private next = 0;

  constructor(seconds: number) {
    this.slots = Array.from({ length: seconds }, () => new Set<Member>());
  }

  add(member: Member): void {
    this.next = (this.next + 1) % this.slots.length;
    const slot = this.slots[this.next] as Set<Member>;
    slot.add(member);
    this.slotOf.set(member, slot);
  }

  delete(member: Member): void {
    this.slotOf.get(member)?.delete(member);
    this.slotOf.delete(member);
  }

  due(tick: number): Iterable<Member> {
    return this.slots[tick % this.slots.length] ?? [];
  }
}
