import { setTimeout as delay } from 'node:timers/promises';
import { capabilityCases } from '../capabilities/all.ts';
import { optionOf } from '../capabilities/polls.ts';
import { type Attempt, ask, attempt, hashOf, roomIdOf, userIdOf } from './api.ts';
import type { ChangeEntry } from './history.ts';
import { MAX_CHOICES, type Posted, type Posting } from './posting.ts';
import type { Random } from './random.ts';
import { anyPlace, type Person, type World } from './world.ts';

const repeatable = capabilityCases.flatMap((cases) => cases.repeatable ?? []);

type Change = Omit<ChangeEntry, 't' | 'type' | 'op' | 'seq' | 'code' | 'at'>;

/** All changes of users except posts. Each describes a state, so it is repeated until its outcome is known. */
export class Changes {
  /** Unanswered so far. */
  inFlight = 0;
  private readonly world: World;
  private readonly posting: Posting;
  private readonly random: Random;
  private count = 0;

  constructor(world: World, posting: Posting) {
    this.world = world;
    this.posting = posting;
    this.random = world.random.fork();
  }

  /** Edits, deletes and attaches data to recent messages. */
  async keepEditing(perSecond: number): Promise<void> {
    while (!this.world.isEnding) {
      await delay(this.random.between(500, 1_500) / perSecond);
      if (this.posting.recent.length === 0) continue;
      const mood = this.random.next();
      // Sometimes the newest message, because numbers at the end of the log could be used twice.
      if (mood < 0.3) void this.delete(this.posting.recent.at(-1) as Posted);
      else if (mood < 0.5) void this.attach(this.random.pick(this.posting.recent));
      else if (mood < 0.7 && this.posting.poll) void this.vote(this.posting.poll);
      else void this.edit(this.random.pick(this.posting.recent));
    }
  }

  private edit({ room, id, seq, author }: Posted): Promise<number | null> {
    const text = `r${room}: edited ${this.random.below(1e9)}`;
    const change: Change = { f: 'edit', user: author.user, room, target: seq, hash: hashOf(text) };
    return this.untilKnown(change, () =>
      attempt(this.place(), author.token, 'editMessage', { messageId: id, text }, 'roomSeq'),
    );
  }

  private delete({ room, id, seq, author }: Posted): Promise<number | null> {
    return this.untilKnown({ f: 'delete', user: author.user, room, target: seq }, () =>
      attempt(this.place(), author.token, 'deleteMessage', { messageId: id }, 'roomSeq'),
    );
  }

  /** The owner is in every room. */
  private attach({ room, id, seq }: Posted): Promise<number | null> {
    const { user, token } = this.world.owner;
    const [name, input] = this.random.pick(repeatable)(this.random, id);
    return this.untilKnown({ f: 'attach', user, room, target: seq }, () =>
      attempt(this.place(), token, name, input, 'roomSeq'),
    );
  }

  /** By the owner, or by an author who may not be in the room. */
  private vote({ room, id, seq, author }: Posted): Promise<number | null> {
    const { user, token } = this.random.pick([this.world.owner, author]);
    const isOver = this.random.chance(0.05);
    const chosen = [1, 2, 3].filter(() => this.random.chance(0.4)).slice(0, MAX_CHOICES);
    const input = { messageId: id, ...(!isOver && { optionIds: chosen.map((n) => optionOf(id, n)) }) };
    return this.untilKnown({ f: 'attach', user, room, target: seq }, () =>
      attempt(this.place(), token, isOver ? 'closePoll' : 'votePoll', input, 'roomSeq'),
    );
  }

  /** By the owner. */
  kick(room: number, { user }: Person): Promise<number | null> {
    const input = { roomId: roomIdOf(room), userId: userIdOf(user) };
    return this.untilKnown({ f: 'kick', user, room }, () =>
      attempt(this.place(), this.world.owner.token, 'removeMember', input, 'roomSeq'),
    );
  }

  leave(room: number, { user, token }: Person): Promise<number | null> {
    return this.untilKnown({ f: 'leave', user, room }, () =>
      attempt(this.place(), token, 'leaveRoom', { roomId: roomIdOf(room) }, '__typename roomSeq'),
    );
  }

  join(room: number, { user, token }: Person): Promise<number | null> {
    return this.untilKnown({ f: 'join', user, room }, () =>
      attempt(this.place(), token, 'joinRoom', { roomId: roomIdOf(room) }, 'roomSeq'),
    );
  }

  /** Ends the session itself; if the answer is lost, the token is also invalid. */
  async revoke({ user, token }: Person): Promise<void> {
    const op = ++this.count;
    this.world.history.add({ f: 'revoke', type: 'invoke', op, user });
    while (!this.world.isOver) {
      const document = 'mutation { logout { __typename ... on UserError { code } } }';
      const answer = await ask(this.place(), document, {}, token).catch(() => null);
      const isOver = answer?.errors[0]?.extensions?.code === 'UNAUTHENTICATED';
      if (isOver || answer?.data?.['logout']?.__typename === 'LogoutSuccess') break;
      await delay(100);
    }
    this.world.history.add({ f: 'revoke', type: 'ok', op, user, at: this.world.history.now() });
  }

  private place() {
    return anyPlace(this.world, this.random);
  }

  private async untilKnown(change: Change, once: () => Promise<Attempt>): Promise<number | null> {
    const op = ++this.count;
    this.world.history.add({ ...change, op, type: 'invoke' });
    this.inFlight++;
    try {
      return await this.repeat(op, change, once);
    } finally {
      this.inFlight--;
    }
  }

  private async repeat(op: number, change: Change, once: () => Promise<Attempt>): Promise<number | null> {
    for (let pause = 50; !this.world.isOver; pause = Math.min(pause * 2, 1_000)) {
      const answer = await once();
      if (answer.kind === 'ok') {
        const seq = Number(answer.value['roomSeq']);
        this.world.history.add({ ...change, op, type: 'ok', seq });
        return seq;
      }
      if (answer.kind === 'refused' && answer.code !== 'RATE_LIMITED') {
        this.world.history.add({ ...change, op, type: 'fail', code: answer.code });
        return null;
      }
      this.world.history.add({ ...change, op, type: 'info', code: answer.code });
      await delay(pause);
    }
    return null;
  }
}
