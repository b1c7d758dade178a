import { setTimeout as delay } from 'node:timers/promises';
import { disown, readPostmasterFile } from './postmaster-file.ts';
import { isRunning, launch, type Server, type Supervisor, stopServer } from './server.ts';

const LOOK_EVERY_MS = 500;
const FIRST_PAUSE_MS = 250;
const MAX_STARTS = 7; // the pauses add up to a quarter of a minute
// A server that ran for this time counts as healthy: the next failure is a new one.
const SOUND_AFTER_MS = 60_000;

/** Restarts the server when it ends by itself, on the same port, so that clients can reconnect. */
export class ServerKeeper {
  server: Server;
  private readonly supervisor: Supervisor;
  private readonly timer: NodeJS.Timeout;
  private readonly abort = new AbortController();
  private restarting: Promise<void> | null = null;
  private starts = 0;
  private openedAt = performance.now();

  constructor(supervisor: Supervisor, server: Server) {
    this.supervisor = supervisor;
    this.server = server;
    // Polls, because an adopted server is not our child process and sends no event.
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    this.supervisor.isStopping = true;
    clearInterval(this.timer);
    this.abort.abort();
    await this.restarting;
    await stopServer(this.server);
  }

  private look(): void {
    if (this.restarting || isRunning(this.server)) return;
    const { log, folder } = this.supervisor;
    log(`PostgreSQL, process ${this.server.pid}, ended by itself; see ${folder.logFile}`);
    if (performance.now() - this.openedAt > SOUND_AFTER_MS) this.starts = 0;
    this.restarting = this.restart().finally(() => {
      this.restarting = null;
    });
  }

  private async restart(): Promise<void> {
    let reason = 'it ended again and again';
    while (this.starts < MAX_STARTS && !this.supervisor.isStopping) {
      await this.pause(this.starts++);
      if (this.supervisor.isStopping) return;
      try {
        return await this.startAgain();
      } catch (error) {
        reason = (error as Error).message;
      }
    }
    if (!this.supervisor.isStopping) this.giveUp(reason);
  }

  private async startAgain(): Promise<void> {
    const { folder, log } = this.supervisor;
    // Only our own server's file: an operator may have started another one by hand.
    if (readPostmasterFile(folder)?.pid === this.server.pid) disown(folder);
    this.server = await launch(this.supervisor, this.server.port);
    this.openedAt = performance.now();
    log(`PostgreSQL runs again on port ${this.server.port}, process ${this.server.pid}`);
  }

  /** There is no pause before the first attempt. */
  private async pause(attempt: number): Promise<void> {
    if (attempt === 0) return;
    const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1);
    await delay(pauseMs, undefined, { signal: this.abort.signal, ref: false }).catch(() => undefined);
  }

  private giveUp(reason: string): void {
    clearInterval(this.timer);
    this.supervisor.log(`PostgreSQL could not be started again, restart Parley: ${reason}`);
  }
}
