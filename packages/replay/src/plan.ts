import type { IrcLog } from './irc-log.ts';

/** What somebody does, in the order of the log. `who` is a place in `Plan.people`. */
export type Step =
  | { readonly kind: 'join' | 'leave'; readonly who: number }
  | { readonly kind: 'rename'; readonly who: number; readonly displayName: string }
  | { readonly kind: 'post'; readonly who: number; readonly post: number };

export interface PlannedPost {
  readonly who: number;
  readonly text: string;
  readonly line: number;
  /** The place in the same list of the post that it answers. */
  readonly answers: number | null;
}

export interface PlannedRoom {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly posts: readonly PlannedPost[];
}

export interface Plan {
  /** The display name of every account, as of its first line. */
  readonly people: readonly string[];
  readonly rooms: readonly PlannedRoom[];
}

export interface NamedLog extends IrcLog {
  readonly name: string;
  /** Lines that answer, with the lines they answer, the nearest first. */
  readonly answers: ReadonlyMap<number, readonly number[]>;
}

/** Everything that will be done, before anything is: so the accounts can be made in one go. */
export function planReplay(logs: readonly NamedLog[]): Plan {
  const people: string[] = [];
  const owners = new Map<string, number>();
  const rooms = logs.map((log) => new RoomPlanner(log, people, owners).plan());
  return { people, rooms };
}

/** One log. Accounts are the same in all logs; who calls himself what just now is known to each log alone. */
class RoomPlanner {
  private readonly log: NamedLog;
  private readonly people: string[];
  private readonly owners: Map<string, number>;
  /** Nicks that somebody has changed to. */
  private readonly aliases = new Map<string, number>();
  private readonly shownNames = new Map<number, string>();
  private readonly members = new Set<number>();
  private readonly steps: Step[] = [];
  private readonly posts: PlannedPost[] = [];
  private readonly postOfLine = new Map<number, number>();

  constructor(log: NamedLog, people: string[], owners: Map<string, number>) {
    this.log = log;
    this.people = people;
    this.owners = owners;
  }

  plan(): PlannedRoom {
    for (const event of this.log.events) {
      if (event.kind === 'message') this.post(event.nick, event.text, event.line);
      else if (event.kind === 'action') this.post(event.nick, `/me ${event.text.trim()}`, event.line);
      else if (event.kind === 'join') this.join(this.accountAs(event.nick));
      else if (event.kind === 'part') this.leave(this.accountAs(event.nick));
      else if (event.kind === 'rename') this.rename(event.nick, event.newNick);
    }
    return { name: this.log.name, steps: this.steps, posts: this.posts };
  }

  private post(nick: string, text: string, line: number): void {
    const who = this.accountAs(nick);
    this.join(who);
    const answers = (this.log.answers.get(line) ?? []).map((each) => this.postOfLine.get(each));
    this.steps.push({ kind: 'post', who, post: this.posts.length });
    this.postOfLine.set(line, this.posts.length);
    this.posts.push({ who, text, line, answers: answers.find((each) => each !== undefined) ?? null });
  }

  private join(who: number): void {
    if (this.members.has(who)) return;
    this.members.add(who);
    this.steps.push({ kind: 'join', who });
  }

  private leave(who: number): void {
    if (this.members.delete(who)) this.steps.push({ kind: 'leave', who });
  }

  /** The account goes on under the new nick, unless that nick has an account of its own: then that one takes over. */
  private rename(nick: string, newNick: string): void {
    const who = this.accountAs(nick);
    const owner = this.find(newNick);
    if (owner !== undefined && owner !== who) {
      this.leave(who);
      this.join(this.accountAs(newNick));
      return;
    }
    this.aliases.set(newNick, who);
    this.join(who);
    this.show(who, newNick);
  }

  /** Whose nick it is; the account gets that display name if it has another just now. */
  private accountAs(nick: string): number {
    const who = this.find(nick) ?? this.newAccount(nick);
    if (this.nameOf(who) !== displayNameOf(nick)) this.show(who, nick);
    return who;
  }

  private find(nick: string): number | undefined {
    return this.aliases.get(nick) ?? this.owners.get(nick);
  }

  private newAccount(nick: string): number {
    this.owners.set(nick, this.people.length);
    return this.people.push(displayNameOf(nick)) - 1;
  }

  private show(who: number, nick: string): void {
    const displayName = displayNameOf(nick);
    this.shownNames.set(who, displayName);
    this.steps.push({ kind: 'rename', who, displayName });
  }

  private nameOf(who: number): string {
    return this.shownNames.get(who) ?? this.people[who] ?? '';
  }
}

const MAX_DISPLAY_NAME = 100;
const displayNameOf = (nick: string) => Array.from(nick).slice(0, MAX_DISPLAY_NAME).join('');
