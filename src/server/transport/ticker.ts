import type { Log } from '../../platform/telemetry.ts';

/** After a pause of less than this time, clients still wait for their answers. */
const STANDSTILL_MS = 1_000;

/** The only timer of a node's transports: sockets and streams have no timers. */
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

  /** Whether the process has just continued after a pause, by SIGSTOP or a suspended machine. */
  get hasStoodStill(): boolean {
    const now = performance.now();
    return now < this.freshUntil || this.isLate(now);
  }

  /** Calls the listener every second with an ascending number. */
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

/** Spreads the work that each member needs once per round over the seconds of the round. */
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
