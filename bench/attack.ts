import { fork } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, inTime, makeRoom, posted, WATCH_INBOX } from './client.ts';
import {
  type Figures,
  type MakeSuite,
  type Mark,
  measure,
  quantile,
  type Round,
  type Variant,
} from './figures.ts';
import type { ParleyNode, Person, World } from './world.ts';

const MEMBERS = 20;
const POST_EVERY_MS = 500;
const CONNECTIONS = 200;
const ATTACKERS = fileURLToPath(new URL('load/attackers.mjs', import.meta.url));
const QUIET = 'nobody attacks';
/** Longer rounds without an attack change nothing: p99 of two minutes of posts is steady. */
const QUIET_SECONDS = 120;
const WARM_UP_SECONDS = 10;

/** The limits as they are by default: an empty value means that. */
const DEFAULTS = Object.fromEntries(
  [
    'COST_PER_SECOND',
    'COST_BURST',
    'ADDRESS_COST_PER_SECOND',
    'ADDRESS_COST_BURST',
    'ANONYMOUS_COST_PER_SECOND',
    'ANONYMOUS_COST_BURST',
    'MESSAGES_PER_SECOND',
    'MESSAGES_BURST',
    'POSTS_PER_SECOND',
    'POSTS_BURST',
    'MAX_SOCKETS',
    'MAX_SOCKETS_PER_USER',
    'MAX_SOCKETS_PER_ADDRESS',
    'MAX_STREAMS_PER_USER',
    'IDLE_SECONDS',
    'ANONYMOUS_IDLE_SECONDS',
  ].map((name) => [name, '']),
);

type Kind = 'flood' | 'documents' | 'logins' | 'sockets';

interface Attack {
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly addresses: readonly string[];
}

const everything: readonly Kind[] = ['flood', 'documents', 'sockets', 'logins'];
/** The members' address: as if the attacker were inside their office. */
const INSIDE = ['127.0.0.1'];
const OUTSIDE = Array.from({ length: 50 }, (_, i) => `127.0.1.${i + 1}`);

const attacks: readonly Attack[] = [
  { name: 'requests, from their address', kinds: ['flood'], addresses: INSIDE },
  { name: 'hostile documents, from their address', kinds: ['documents'], addresses: INSIDE },
  { name: 'sockets, from their address', kinds: ['sockets'], addresses: INSIDE },
  { name: 'everything, from their address', kinds: everything, addresses: INSIDE },
  { name: 'everything, from 50 other addresses', kinds: everything, addresses: OUTSIDE },
];

/** Users in one room who post in turn and receive everything, and one who reconnects again and again. */
class Members {
  private readonly node: ParleyNode;
  private readonly people: readonly Person[];
  private readonly clients: Client[] = [];
  private roomId = '';
  /** ms from before a post was sent until a member heard it */
  heard: number[] = [];
  /** ms until a connecting member is admitted and its stream is live */
  entered: number[] = [];

  constructor(node: ParleyNode, people: readonly Person[]) {
    this.node = node;
    this.people = people;
  }

  async enter(): Promise<void> {
    for (const person of this.people) this.clients.push(await this.connect(person));
    const [owner, ...others] = this.people.map(({ userId }) => userId);
    if (!owner) throw new Error('nobody is there');
    this.roomId = await makeRoom(this.clients[0] as Client, others);
  }

  /** Posts for this time; every post must arrive at every member. */
  async talk(seconds: number): Promise<number> {
    [this.heard, this.entered] = [[], []];
    const until = performance.now() + seconds * 1_000;
    await Promise.all([
      ...this.clients.map((client, i) => this.post(client, (i * POST_EVERY_MS) / MEMBERS, until)),
      this.comeAndGo(until),
    ]);
    return this.heard.length;
  }

  private async post(client: Client, startMs: number, until: number): Promise<void> {
    await delay(startMs);
    while (performance.now() < until) {
      const due = performance.now() + POST_EVERY_MS;
      await inTime(posted(client, this.roomId), 'a post to be stored');
      await delay(Math.max(0, due - performance.now()));
    }
  }

  private async comeAndGo(until: number): Promise<void> {
    while (performance.now() < until) {
      const started = performance.now();
      const client = await this.connect(this.people[0] as Person, false);
      this.entered.push(performance.now() - started);
      await client.close();
      await delay(200);
    }
  }

  private async connect(person: Person, isListening = true): Promise<Client> {
    const client = await Client.open(this.node.wsUrl, person.accessToken, {
      authorization: `Bearer ${person.accessToken}`,
    });
    const live = new Promise<void>((resolve) => {
      client.stream(WATCH_INBOX, {}, (frame) => {
        if (frame.includes('"StreamReady"')) resolve();
        else if (isListening && frame.includes('"MessageCreated"')) this.hear(String(frame));
      });
    });
    await inTime(live, 'a stream to be live');
    return client;
  }

  private hear(frame: string): void {
    const at = /~T(\d+)/.exec(frame)?.[1];
    if (at) this.heard.push(Number(process.hrtime.bigint() - BigInt(at)) / 1e6);
  }
}

/** Starts attackers at the lowest priority, because real attackers use their own machines. */
async function attack(port: number, { kinds, addresses }: Attack, seconds: number): Promise<string> {
  const child = fork(ATTACKERS, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  setPriority(child.pid ?? 0, constants.priority.PRIORITY_LOW);
  child.send({ port, kinds, addresses, connections: CONNECTIONS, seconds });
  const [counts] = (await once(child, 'message')) as [Record<string, number>];
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

/** How much slower members are served than in the same round without an attack. */
const slowdown = (name: string) => (round: Round) =>
  (round.get(name)?.p99Ms ?? Number.NaN) / (round.get(QUIET)?.p99Ms ?? Number.NaN);

/** What members notice of anonymous clients that attack their node. */
export const attackSuite: MakeSuite = async (world: World, scale) => {
  const { nodes, people } = await world.deploy({ nodes: 1, people: MEMBERS, env: DEFAULTS });
  const node = nodes[0] as ParleyNode;
  const members = new Members(node, people);
  await members.enter();
  const notes: string[] = [];
  const warm = new Set<string>();
  const secondsOf = (name: string) => {
    const longest = name === QUIET ? QUIET_SECONDS : scale.seconds;
    const seconds = Math.min(scale.seconds, warm.has(name) ? longest : WARM_UP_SECONDS);
    warm.add(name);
    return seconds;
  };
  const chosen = attacks.filter(({ name }) => name.includes(scale.attack));

  const run = async (name: string, start: (seconds: number) => Promise<string | null>): Promise<Figures> => {
    const seconds = secondsOf(name);
    const attacked = start(seconds);
    let deliveries = 0;
    const figures = await measure({ world, servers: [node], loads: [] }, async () => {
      deliveries = await members.talk(seconds);
      return deliveries;
    });
    const became = await attacked;
    if (became) notes.push(`${name}: ${became}.`);
    return {
      ...figures,
      p50Ms: quantile(members.heard, 0.5),
      p99Ms: quantile(members.heard, 0.99),
      allMs: quantile(members.entered, 1),
    };
  };
  const variants: Variant[] = [
    { name: QUIET, node, run: () => run(QUIET, async () => null) },
    ...chosen.map((each) => ({
      name: each.name,
      node,
      run: () => run(each.name, (seconds) => attack(node.port, each, seconds)),
    })),
  ];
  const marks: Mark[] = chosen.map(({ name }) => ({
    title: `p99 of a delivery while others attack with ${name} ÷ without`,
    value: slowdown(name),
    sense: 'at most',
    must: 2,
    goal: 1.25,
    unit: '×',
  }));
  return {
    title: `Attack: ${MEMBERS} members of a room while ${CONNECTIONS} anonymous connections attack`,
    each: 'delivery; "last one" is the slowest of the connections that a member opened meanwhile',
    main: 'p99Ms',
    variants,
    marks,
    notes: () => notes,
  };
};
