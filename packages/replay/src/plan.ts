import type { IrcLog } from './irc-log.ts';

/** The steps of users, in the order of the log. `who` is an index of `Plan.people`. */
export type Step =
  | { readonly kind: 'join' | 'leave'; readonly who: number }
  | { readonly kind: 'rename'; readonly who: number; readonly displayName: string }
  | { readonly kind: 'post'; readonly who: number; readonly post: number };

export interface PlannedPost {
  readonly who: number;
  readonly text: string;
  readonly line: number;
  /** The index in the same list of the post that it answers. */
  readonly answers: number | null;
}

export interface PlannedRoom {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly posts: readonly PlannedPost[];
}

export interface Plan {
  /** The display names of all accounts, as of their first lines. */
  readonly people: readonly string[];
  readonly rooms: readonly PlannedRoom[];
}

export interface NamedLog extends IrcLog {
  readonly name: string;
  /** Lines that answer, with the lines they answer, the nearest first. */
  readonly answers: ReadonlyMap<number, readonly number[]>;
}

/** Plans all steps in advance, so that all accounts can be created at once. */
export function planReplay(logs: readonly NamedLog[]): Plan {
  const people: string[] = [];
  const owners = new Map<string, number>();
  const rooms = logs.map((log) => new RoomPlanner(log, people, owners).plan());
  return { people, rooms };
}

/** Plans one log. Accounts are shared by all logs; current nicks are known to each log alone. */
class RoomPlanner {
  private readonly log: NamedLog;
  private readonly people: string[];
  private readonly owners: Map<string, number>;
  /** Nicks that users have changed to. */
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

  /** The account continues under the new nick, unless that nick has its own account, which then takes over. */
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

  /** The account of the nick; it gets that display name if it has another one now. */
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
