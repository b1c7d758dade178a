import { type Message, type Room, timeline } from '../../../packages/client/src/reducer.ts';
import type { Follower } from '../../harness/follower.ts';
import type { TestNode } from '../../harness/node.ts';
import { type Person, signUp } from '../../harness/people.ts';
import type { Random } from './random.ts';

export interface Player {
  readonly person: Person;
  readonly inbox: Follower;
  /** Beside the inbox, the stream of one room. */
  room: Follower | null;
  /** Comes back then. */
  offlineUntil: number;
}

/** The last word of `sendMessage`, to be said again. */
type Sent = Readonly<Record<'roomId' | 'text' | 'idempotencyKey', string>>;

/** What generators choose from: what people know, and what there was. */
export class World {
  readonly random: Random;
  readonly nodes: readonly TestNode[];
  readonly players: Player[] = [];
  /** Every room and message there ever was, whoever may see it. */
  readonly roomIds: string[] = [];
  readonly messageIds: string[] = [];
  readonly sent: Sent[] = [];
  /** Rooms that somebody left, or was to leave; the last ones last. */
  readonly leftIds: string[] = [];
  private names = 0;

  constructor(random: Random, nodes: readonly TestNode[]) {
    this.random = random;
    this.nodes = nodes;
  }

  node(): TestNode {
    return this.random.pick(this.nodes);
  }

  leaving<Input extends { roomId: string }>(input: Input): Input {
    this.leftIds.push(input.roomId);
    return input;
  }

  newName(what: string): string {
    return `${what} ${++this.names}`;
  }

  /** Rooms that the player has, in an order that does not depend on which came first. */
  private roomsOf({ inbox: { state } }: Player): Room[] {
    const rooms = this.roomIds.flatMap((id) => state.rooms[id] ?? []);
    return rooms.filter(({ isArchived }) => !isArchived || this.random.chance(0.1));
  }

  /** Mostly a room that the player is in, sometimes any other, one that is gone, or none. */
  roomId(actor: Player): string {
    if (this.random.chance(0.02)) return 'nowhere';
    const own = this.roomsOf(actor);
    const from = own.length > 0 && this.random.chance(0.9) ? own.map(({ id }) => id) : this.roomIds;
    return this.random.some(from) ?? 'nowhere';
  }

  /** Mostly a room where the player may do such things. */
  roomWhere(actor: Player, ...roles: string[]): string {
    const { viewerId } = actor.inbox.state;
    const fit = this.roomsOf(actor).filter(({ members }) => roles.includes(members[viewerId]?.role ?? ''));
    return fit.length > 0 && this.random.chance(0.8) ? this.random.pick(fit).id : this.roomId(actor);
  }

  userId(): string {
    return this.random.chance(0.02) ? 'nobody' : this.random.pick(this.players).person.userId;
  }

  /** Mostly somebody in that room, as the player sees it. */
  memberOf(actor: Player, roomId: string): string {
    const held = actor.inbox.state.rooms[roomId]?.members ?? {};
    const members = this.players.map(({ person }) => person.userId).filter((userId) => held[userId]);
    return members.length > 0 && this.random.chance(0.9) ? this.random.pick(members) : this.userId();
  }

  /** Mostly a message that the player sees and that fits, sometimes any there ever was. */
  message(actor: Player, fits: (message: Message, room: Room) => boolean = () => true): Message | undefined {
    const all = this.roomsOf(actor).flatMap((room) =>
      timeline(room).filter((message) => fits(message, room)),
    );
    return this.random.some(all);
  }

  messageId(actor: Player, fits?: (message: Message, room: Room) => boolean): string {
    const any = this.random.some(this.messageIds) ?? 'nothing';
    if (this.random.chance(0.1)) return any;
    return this.message(actor, fits)?.id ?? any;
  }

  text(): string {
    const { random } = this;
    if (random.chance(0.03)) return ' \n ';
    const said = random.pick([
      'plain',
      '*marked*',
      'two\nlines',
      '🏳️‍🌈 سلام :party: :nothing:',
      '<b>no tag</b>',
      'x'.repeat(200),
      `@${random.pick(this.players).person.username} look`,
      'to all: @room',
      'to @moderators and @owners, **not** ||@here||',
    ]);
    return `${said} ${random.int(1000)}`;
  }

  async signUp(names: readonly string[], follow: (person: Person) => Promise<Follower>): Promise<void> {
    for (const name of names) {
      const person = await signUp(this.node(), name);
      this.players.push({ person, inbox: await follow(person), room: null, offlineUntil: 0 });
    }
  }

  /** Rooms to begin with, where each has another rank. */
  async furnish(): Promise<void> {
    const { players, random } = this;
    for (const [at, { person }] of players.slice(0, 3).entries()) {
      const roomId = await person.createRoom(this.newName('room'), at === 0 ? 'PRIVATE' : 'PUBLIC');
      this.roomIds.push(roomId);
      for (const [i, role] of ['ADMIN', 'MODERATOR', 'MEMBER'].entries()) {
        const { userId } = (players[(at + i + 1) % players.length] as Player).person;
        await person.change('addMembers', { roomId, userIds: [userId], role });
      }
      for (let i = random.int(30); i > 0; i--)
        this.messageIds.push((await person.say(roomId, `${i}`)).message.id);
    }
  }
}
