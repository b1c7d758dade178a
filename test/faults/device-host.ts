import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import type { Device } from './device.ts';
import type { Doom, Order, Report } from './device-messages.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

const DEATH_MS = 5_000;

/** The program of such a process in one file, with the SDK of that checkout: processes start quickly. */
export async function bundleDevices(root: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [path.join(root, 'test/faults/device-process.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  });
}

/** A process with SDK clients, which can be killed and started again. Their files stay. */
export class DeviceHost {
  readonly index: number;
  readonly devices: readonly Device[];
  private readonly world: World;
  readonly program: string;
  private readonly onReport: (device: Device, report: Report) => void;
  private child: ChildProcess | null = null;
  private isExpectedToEnd = false;

  constructor(
    world: World,
    index: number,
    program: string,
    devices: readonly Device[],
    onReport: (device: Device, report: Report) => void,
  ) {
    this.world = world;
    this.index = index;
    this.program = program;
    this.devices = devices;
    this.onReport = onReport;
  }

  get isUp(): boolean {
    return this.child !== null;
  }

  start(): void {
    const child = fork(this.program, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
    this.child = child;
    this.isExpectedToEnd = false;
    child.on('message', (report: Report) => this.hear(report));
    child.once('exit', (code, signal) => this.ended(child, `${signal ?? code}`));
    // It died before it read that.
    child.on('error', () => undefined);
    for (const { options } of this.devices) this.tell({ do: 'open', device: options });
  }

  tell(order: Order): void {
    if (this.child?.connected) this.child.send(order, () => undefined);
  }

  /** SIGKILL, as when a phone runs out of battery. Resolves when it has ended. */
  async kill(): Promise<void> {
    this.isExpectedToEnd = true;
    this.child?.kill('SIGKILL');
    await until(() => !this.isUp, DEATH_MS);
  }

  /** It kills itself at that moment; from outside if the moment does not come. */
  async killAt(at: Doom): Promise<void> {
    this.isExpectedToEnd = true;
    this.tell({ do: 'die', at });
    if (!(await until(() => !this.isUp, DEATH_MS))) await this.kill();
  }

  /** Closes its clients in order, and ends. */
  async close(ms: number): Promise<void> {
    for (const { name } of this.devices) this.tell({ do: 'close', device: name });
    await until(() => this.devices.every(({ shown }) => shown !== null), ms);
    await this.kill();
  }

  private hear(report: Report): void {
    const device = this.devices.find(({ name }) => name === report.device);
    if (device) this.onReport(device, report);
  }

  private ended(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    this.child = null;
    for (const device of this.devices) device.state = { ...device.state, status: 'away' };
    if (this.isExpectedToEnd || this.world.isOver) return;
    const what = `device process ${this.index} ended by itself (${how})`;
    this.world.history.add({ f: 'hygiene', ok: false, what });
  }
}
