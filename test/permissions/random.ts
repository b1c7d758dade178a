import { expect } from 'vitest';
import { permissionBits } from '../../src/rooms/permissions.ts';
import { queryRows } from '../harness/database.ts';
import { type Feed, openFeed } from '../harness/feed.ts';
import { numberIn } from '../harness/ids.ts';
import type { Person } from '../harness/people.ts';
import { EFFECTS, PERMISSIONS, ROLES } from '../harness/permissions.ts';
import { Random } from '../realtime/convergence/random.ts';
import { Model } from './model.ts';

const WATCH = `subscription ($id: ID!) { room(id: $id) { __typename
  ... on RoomEvent { roomSeq room { viewerPermissions } } } }`;
/** Members whose streams are open during a round. */
const WATCHING = 4;

type Watched = readonly [userId: string, feed: Feed];
type Step = 'setOverride' | 'changeRole' | 'join' | 'add' | 'leave';

const steps: readonly Step[] = [
  ...Array<Step>(10).fill('setOverride'),
  ...Array<Step>(5).fill('changeRole'),
  ...Array<Step>(3).fill('join'),
  ...Array<Step>(2).fill('add'),
  'leave',
];

const isSuccess = ({ __typename }: { __typename: string }) => __typename.endsWith('Success');

const namesOf = (bits: number) =>
  Object.entries(permissionBits)
    .flatMap(([name, bit]) => ((bits & bit) > 0 ? [name] : []))
    .toSorted();

/** Changes one room at random through the API, and a model of it by the rules. */
export class RandomRoom {
  private readonly databaseUrl: string;
  private readonly people: readonly Person[];
  private readonly roomId: string;
  private readonly random: Random;
  private readonly model = new Model();

  private constructor(databaseUrl: string, people: readonly Person[], roomId: string, seed: number) {
    this.databaseUrl = databaseUrl;
    this.people = people;
    this.roomId = roomId;
    this.random = new Random(seed);
  }

  static async create(databaseUrl: string, people: readonly Person[], seed: number): Promise<RandomRoom> {
    const owner = people[0] as Person;
    const room = new RandomRoom(databaseUrl, people, await owner.createRoom('changing'), seed);
    room.model.members.set(owner.userId, 'OWNER');
    return room;
  }

  /**
   * Makes changes. Then the stored permissions are those of the model, and so are those that open streams show. Returns
   * how many streams were open all the time.
   */
  async round(changes: number): Promise<number> {
    const watched = await this.watch();
    for (let i = 0; i < changes; i++) await this[this.random.pick(steps)]();
    const { members } = this.model;
    const expected = Object.fromEntries([...members.keys()].map((id) => [id, this.model.permissions(id)]));
    expect(await this.stored()).toEqual(expected);
    const owner = [...members].find(([, role]) => role === 'OWNER')?.[0] ?? '';
    const { roomSeq } = await this.person(owner).say(this.roomId, 'the end of a round');
    const shown = (await Promise.all(watched.map((each) => shownAt(each, roomSeq)))).flat();
    for (const [userId, permissions] of shown)
      expect([userId, permissions]).toEqual([userId, expected[userId]]);
    return shown.length;
  }

  // -- changes ---------------------------------------------------------------------------------

  /** It is accepted exactly if the rules allow it. */
  private async setOverride(): Promise<void> {
    const { random, model, roomId } = this;
    const actor = this.actorWith('MANAGE_MEMBERS');
    const target = this.random.chance(0.5)
      ? random.pick(ROLES)
      : random.chance(0.9)
        ? this.member()
        : this.anyone();
    const changes = this.effectsBy(actor);
    const effects = Object.fromEntries(changes.map(({ permission, effect }) => [permission, effect]));
    const input = {
      roomId,
      target: target.startsWith('user_') ? { userId: target } : { role: target },
      changes,
    };
    const answer = await this.person(actor).change('setRoomPermissionOverride', input);
    const what = `${actor} ${target} ${JSON.stringify(effects)}`;
    expect([what, isSuccess(answer)]).toEqual([what, model.maySet(actor, target, effects)]);
    if (isSuccess(answer)) model.set(target, effects);
  }

  /** Mostly of permissions that the actor has. */
  private effectsBy(actor: string) {
    const { random } = this;
    const own = this.model.permissions(actor);
    const from = random.chance(0.8) && own.length > 0 ? own : PERMISSIONS;
    const some = random.subset(from, 0.3);
    return (some.length > 0 ? some : [random.pick(from)]).map((permission) => ({
      permission,
      effect: random.pick(EFFECTS),
    }));
  }

  /** Nobody gains anything by the own lower role. */
  private async changeRole(): Promise<void> {
    const { random, model, roomId } = this;
    const actor = this.actorWith('MANAGE_MEMBERS');
    const [userId, role] = [random.chance(0.3) ? actor : this.member(), random.pick(ROLES)];
    const answer = await this.person(actor).change('changeMemberRole', { roomId, userId, role });
    if (!isSuccess(answer)) return;
    const before = model.permissions(userId);
    model.members.set(userId, role);
    if (userId === actor) expect(before).toEqual(expect.arrayContaining(model.permissions(userId)));
  }

  private async join(): Promise<void> {
    const { model, roomId } = this;
    const userId = this.anyone();
    const answer = await this.person(userId).change('joinRoom', { roomId });
    if (isSuccess(answer) && !model.members.has(userId)) model.members.set(userId, 'MEMBER');
  }

  private async add(): Promise<void> {
    const { model, roomId } = this;
    const [userId, role] = [this.anyone(), this.random.pick(ROLES)];
    const input = { roomId, userIds: [userId], role };
    const answer = await this.person(this.actorWith('ADD_MEMBERS')).change('addMembers', input);
    if (isSuccess(answer) && !model.members.has(userId)) model.members.set(userId, role);
  }

  private async leave(): Promise<void> {
    const userId = this.member();
    const answer = await this.person(userId).change('leaveRoom', { roomId: this.roomId });
    if (isSuccess(answer)) this.model.leave(userId);
  }

  // -- people ----------------------------------------------------------------------------------

  private member(): string {
    return this.random.pick([...this.model.members.keys()]);
  }

  private anyone(): string {
    return this.random.pick(this.people).userId;
  }

  /** Mostly a member who may do it. */
  private actorWith(permission: string): string {
    const able = [...this.model.members.keys()].filter((userId) => this.model.has(userId, permission));
    return this.random.chance(0.8) ? this.random.pick(able) : this.anyone();
  }

  private person(userId: string): Person {
    return this.people.find((person) => person.userId === userId) as Person;
  }

  // -- what is stored and shown ----------------------------------------------------------------

  private async stored(): Promise<Record<string, string[]>> {
    const rows = await queryRows<{ id: string; bits: string }>(
      this.databaseUrl,
      'SELECT user_id AS id, permission_bits AS bits FROM memberships WHERE room_id = $1',
      [numberIn(this.roomId)],
    );
    return Object.fromEntries(rows.map(({ id, bits }) => [`user_${id}`, namesOf(Number(bits))]));
  }

  /** Streams of some members. They know permissions from events alone. */
  private watch(): Promise<Watched[]> {
    const open = async (userId: string): Promise<Watched> => {
      const { node, token } = this.person(userId);
      const feed = await openFeed(node.wsUrl, token, WATCH, { id: this.roomId }, 'room');
      await feed.next('StreamReady');
      return [userId, feed];
    };
    return Promise.all([...this.model.members.keys()].slice(0, WATCHING).map(open));
  }
}

/** What the stream says of its viewer with the event of that number; nothing if it ended before. */
async function shownAt([userId, feed]: Watched, roomSeq: number): Promise<[string, string[]][]> {
  const found = () => feed.items.find((item) => item.roomSeq === roomSeq);
  await expect.poll(() => feed.isComplete || found() !== undefined, { timeout: 30_000 }).toBe(true);
  feed.close();
  const permissions: string[] | undefined = found()?.['room'].viewerPermissions;
  return permissions ? [[userId, permissions.toSorted()]] : [];
}
