import type { Person } from '../harness/people.ts';
import type { Random } from '../realtime/convergence/random.ts';

const MARKED = 'accountSeq room { viewerReadSeq viewerUnreadCount } membership { readSeq deliveredSeq }';

export const markRead = (by: Person, roomId: string, upToSeq: number) =>
  by.change('markRead', { roomId, upToSeq }, MARKED);
export const markUnread = (by: Person, roomId: string, fromSeq: number) =>
  by.change('markUnread', { roomId, fromSeq }, MARKED);

/** Some numbers that are marked are above the last message, so they are refused. */
const ABOVE = 3;

/** Chooses what people do in rooms that changes unread numbers. */
export class Play {
  private readonly random: Random;
  private readonly people: readonly Person[];
  private readonly rooms: readonly string[];
  private readonly messages: { readonly id: string; readonly by: Person }[] = [];
  private lastSeq = 0;

  constructor(random: Random, people: readonly Person[], rooms: readonly string[]) {
    this.random = random;
    this.people = people;
    this.rooms = rooms;
  }

  /** One thing that somebody does somewhere, at the place that `at` chooses. What is refused changes nothing. */
  async act(at: (person: Person) => Person): Promise<void> {
    const { random } = this;
    const actor = at(random.pick(this.people));
    const roomId = random.pick(this.rooms);
    const acts = [
      () => this.say(actor, roomId),
      () => this.say(actor, roomId),
      () => this.say(actor, roomId),
      () => this.change(at, 'editMessage', { text: this.text() }),
      () => this.change(at, 'editMessage', { text: this.text() }),
      () => this.change(at, 'deleteMessage', {}),
      () => markRead(actor, roomId, random.int(this.lastSeq + ABOVE)),
      () => markRead(actor, roomId, random.int(this.lastSeq + ABOVE)),
      () => markUnread(actor, roomId, 1 + random.int(this.lastSeq + ABOVE)),
      () => actor.ask('mutation { markAllRead { __typename } }'),
      () => actor.change('updateRoomPreferences', { roomId, isMuted: random.chance(0.3) }, 'accountSeq'),
      () => actor.change('leaveRoom', { roomId }),
      () => actor.change('joinRoom', { roomId }),
      () => actor.change('joinRoom', { roomId }),
    ];
    await random.pick(acts)();
  }

  private async say(actor: Person, roomId: string): Promise<void> {
    const input = { roomId, text: this.text(), idempotencyKey: `${this.random.next()}` };
    const said = await actor.change('sendMessage', input, 'message { id seq }');
    if (!said.message) return;
    this.messages.push({ id: said.message.id, by: actor });
    this.lastSeq = Math.max(this.lastSeq, said.message.seq);
  }

  /** Some mention somebody, also members who have left, or all. */
  private text(): string {
    const { random } = this;
    const name = `@${random.pick(this.people).username}`;
    return random.pick(['well', name, `${name} and @room`, '@room', '@moderators', `@owners ${name}`]);
  }

  private async change(at: (person: Person) => Person, name: string, more: object): Promise<void> {
    const message = this.random.some(this.messages);
    if (message) await at(message.by).change(name, { messageId: message.id, ...more });
  }
}
