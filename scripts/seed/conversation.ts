import type { Plan, PlannedMessage, PlannedRoom } from './plan.ts';
import { emoji, people, replies, type Topic, times, topics } from './words.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** The log is kept for 30 days, so that on the first day all of it is available. */
const DAYS = 28;

/** Numbers from 0 to 1 that are the same for the same seed. */
type Chance = () => number;

/** mulberry32: small, and random enough for this purpose. */
function chanceFrom(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = <Item>(chance: Chance, items: readonly Item[]): Item =>
  items[Math.floor(chance() * items.length)] as Item;

/** Creates some people and four weeks of their conversations, up to now. */
export function madeUpPlan(now: Date): Plan {
  const chance = chanceFrom(42);
  return {
    people: people.map(([username, displayName]) => ({ username, displayName })),
    rooms: topics.map((topic, at) => roomOf(topic, at, now, chance)),
  };
}

function roomOf(topic: Topic, at: number, now: Date, chance: Chance): PlannedRoom {
  const all = people.map(([username]) => username);
  const [first = 'alma'] = all;
  // The first user is in all rooms; the others are spread over them.
  const members = [first, ...all.slice(1).filter((_, i) => at === 0 || (i + at) % 2 === 0)];
  const start = new Date(now.getTime() - DAYS * DAY_MS + at * 17 * MINUTE_MS);
  return {
    name: topic.name,
    description: topic.description,
    members,
    createdAt: start,
    messages: messagesOf(topic, members, start, now, chance),
  };
}

function messagesOf(
  topic: Topic,
  members: readonly string[],
  start: Date,
  now: Date,
  chance: Chance,
): PlannedMessage[] {
  const messages: PlannedMessage[] = [];
  for (let day = midnightOf(start); day < now.getTime(); day += DAY_MS) {
    for (const at of momentsOf(day, topic, chance)) {
      if (at > start && at < now) messages.push(messageAt(at, topic, members, messages, chance));
    }
  }
  return messages;
}

const midnightOf = (time: Date) => Math.floor(time.getTime() / DAY_MS) * DAY_MS;

/** The times of a user's messages on that day: in bursts, mostly in working hours. */
function momentsOf(midnight: number, { pace }: Topic, chance: Chance): Date[] {
  const isWeekend = [0, 6].includes(new Date(midnight).getUTCDay());
  const count = Math.round(pace * (0.5 + chance()) * (isWeekend ? 0.15 : 1));
  const moments: number[] = [];
  while (moments.length < count) {
    let at = midnight + (8 + 10 * chance()) * 60 * MINUTE_MS;
    for (let burst = 1 + Math.floor(chance() * 6); burst > 0 && moments.length < count; burst--) {
      moments.push(at);
      at += (0.3 + 6 * chance() ** 2) * MINUTE_MS;
    }
  }
  return moments.sort((a, b) => a - b).map((at) => new Date(Math.floor(at)));
}

function messageAt(
  at: Date,
  topic: Topic,
  members: readonly string[],
  before: readonly PlannedMessage[],
  chance: Chance,
): PlannedMessage {
  const last = before.at(-1);
  const isAnswer = last !== undefined && at.getTime() - last.at.getTime() < 10 * MINUTE_MS;
  const others = members.filter((name) => name !== last?.author);
  const author = pick(chance, isAnswer ? others : members);
  const text = isAnswer ? pick(chance, replies) : filled(pick(chance, topic.openers), topic, chance);
  const quotes = isAnswer && before.length > 3 && chance() < 0.15 ? 1 + Math.floor(3 * chance()) : null;
  return { author, text, at, quotes, reactions: reactionsOf(author, members, chance) };
}

function filled(opener: string, topic: Topic, chance: Chance): string {
  const text = opener.replace('{thing}', pick(chance, topic.things)).replace('{time}', pick(chance, times));
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function reactionsOf(author: string, members: readonly string[], chance: Chance) {
  if (chance() > 0.12) return [];
  const chosen = pick(chance, emoji);
  const others = members.filter((name) => name !== author && chance() < 0.25);
  return others.map((person) => ({ person, emoji: chance() < 0.8 ? chosen : pick(chance, emoji) }));
}
