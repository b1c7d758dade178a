import path from 'node:path';
import { fileStorage } from '../../packages/client/src/file-storage.ts';
import { emptyModel, type Model, type Session } from '../../packages/client/src/model.ts';
import { withRows } from '../../packages/client/src/rows.ts';
import { numberIn } from '../harness/ids.ts';
import { userIdOf } from './api.ts';
import type { DeviceOptions, DeviceState, Report, Shown } from './device-messages.ts';
import type { Person, World } from './world.ts';

const unopened: DeviceState = { status: 'connecting', error: null, heads: {}, waiting: 0 };

/** One SDK client of a run, as the run sees it: what it reports, and its file. It lives in a `DeviceProcess`. */
export class Device {
  readonly options: DeviceOptions;
  readonly person: Person;
  state: DeviceState = unopened;
  /** What its application showed when it was closed. */
  shown: Shown | null = null;
  private readonly world: World;

  private constructor(world: World, person: Person, options: DeviceOptions) {
    this.world = world;
    this.person = person;
    this.options = options;
  }

  /** With an empty storage but for the session. */
  static async create(world: World, person: Person, name: string): Promise<Device> {
    const device = new Device(world, person, {
      name,
      userId: userIdOf(person.user),
      file: path.join(world.cluster.folder, name),
      urls: world.cluster.places.map(({ url }) => url),
      seed: world.random.below(2 ** 32),
    });
    const storage = fileStorage(device.options.file);
    await storage.load();
    await storage.commit(new Map([['session', sessionOf(person)]]));
    await storage.close?.();
    return device;
  }

  get name(): string {
    return this.options.name;
  }

  /** The session of its person has ended. */
  get isOver(): boolean {
    return this.state.status === 'signed-out';
  }

  /** Its file has everything up to these heads, and nothing of its own is on its way. */
  isAt(heads: ReadonlyMap<number, number>): boolean {
    const { status, waiting, heads: own } = this.state;
    const isBehind = ([id, seq]: [string, number]) => seq < (heads.get(numberIn(id)) ?? 0);
    return status === 'live' && waiting === 0 && !Object.entries(own).some(isBehind);
  }

  /** What its file has. Nobody may have it open. */
  async stored(): Promise<Model> {
    const storage = fileStorage(this.options.file);
    const rows = await storage.load();
    await storage.close?.();
    return withRows(emptyModel, rows);
  }

  /** Takes what its process tells, but for what concerns its messages. */
  hear(report: Report): void {
    const { history } = this.world;
    if (report.tell === 'state') this.state = report.state;
    if (report.tell === 'closed') this.shown = report.shown;
    if (report.tell === 'misfit')
      history.add({ f: 'misfit', client: this.name, kind: report.kind, says: report.says });
    if (report.tell === 'trouble')
      history.add({ f: 'hygiene', ok: false, what: `${this.name}: ${report.says}` });
  }
}

/** The token of a person outlives the run, so it is never renewed. */
function sessionOf({ user, token }: Person): Session {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number;
  };
  const accessTokenExpiresAt = new Date(exp * 1_000).toISOString();
  return { userId: userIdOf(user), accessToken: token, accessTokenExpiresAt, refreshToken: 'none' };
}
