import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { MessageInfo } from '../packages/client/src/index.ts';
import { parseAnnotations, parseIrcLog } from '../packages/replay/src/irc-log.ts';
import { type DeliveredEvent, Delivery, RoomLedger, Samples } from '../packages/replay/src/ledger.ts';
import { type NamedLog, planReplay, type Step } from '../packages/replay/src/plan.ts';
import { judgeTimeline } from '../packages/replay/src/reader.ts';
import { createDatabase, type TestDatabase } from './harness/database.ts';
import { JWT_SECRET, startNode, type TestNode } from './harness/node.ts';
import { signUp } from './harness/people.ts';

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const only = (log: Buffer) => parseIrcLog(log).events.map(({ line: _line, ...event }) => event);

describe('a line of a log', () => {
  test.each([
    ['[10:00] <ada> hello', { kind: 'message', nick: 'ada', text: 'hello' }],
    ['<ada> without a time', { kind: 'message', nick: 'ada', text: 'without a time' }],
    ['[10:00:59] <@ada>  spaces stay ', { kind: 'message', nick: 'ada', text: ' spaces stay ' }],
    [
      '[10:00] <bur[n] er> a blank in the nick',
      { kind: 'message', nick: 'bur[n]er', text: 'a blank in the nick' },
    ],
    ['[10:00] <ada> a > b <c> === d', { kind: 'message', nick: 'ada', text: 'a > b <c> === d' }],
    ['[10:00] -ada:#engine- heed', { kind: 'message', nick: 'ada', text: 'heed' }],
    ['[10:00] * ada waves', { kind: 'action', nick: 'ada', text: 'waves' }],
    ['=== ada waves', { kind: 'action', nick: 'ada', text: 'waves' }],
    ['=== ada [n=ada@example.org]  has joined #engine', { kind: 'join', nick: 'ada' }],
    ['=== bur[n] er [n=b@[::1]]  has joined #engine', { kind: 'join', nick: 'bur[n]er' }],
    ['=== ada has joined #engine', { kind: 'join', nick: 'ada' }],
    ['=== ada [n=ada@example.org]  has left #engine ["Bye"]', { kind: 'part', nick: 'ada' }],
    ['=== ada [n=ada@example.org] has quit [Ping timeout]', { kind: 'part', nick: 'ada' }],
    ['=== ada is now known as ada|away', { kind: 'rename', nick: 'ada', newNick: 'ada|away' }],
    ['=== mode/#engine [+o ada]  by ChanServ', { kind: 'other' }],
    ['=== ..[topic/#engine:ada] : Welcome', { kind: 'other' }],
    ['=== Topic for #engine: Welcome', { kind: 'other' }],
    ['nonsense', { kind: 'other' }],
    ['', { kind: 'other' }],
  ])('%j', (line, event) => {
    expect(only(bytes(`${line}\r\n`))).toEqual([event]);
  });

  test('keeps its number when those before it are left out', () => {
    const log = parseIrcLog(bytes('<ada> one\n<ada>   \n<ada>\n<ada> four'));
    expect(log.blankLines).toBe(2);
    expect(log.events.map(({ line }) => line)).toEqual([0, 3]);
  });

  test.each([
    ['UTF-8', [...Buffer.from('naïve 🚀')], 'naïve 🚀', 0],
    ['windows-1252', [0x63, 0x61, 0x66, 0xe9, 0x20, 0x93, 0x80, 0x94], 'café “€”', 1],
    ['half a surrogate pair', [0xed, 0xa0, 0x80, 0x21], 'í\u00a0€!', 1],
    ['bytes that windows-1252 does not have', [0x61, 0x81, 0x8d, 0x62], 'a\u0081\u008db', 1],
    ['NUL', [0x61, 0x00, 0x62], 'ab', 0],
    ['a UTF-8 character that is cut short', [0x61, 0xc3], 'aÃ', 1],
  ])('may be in %s', (_name, encoded, decoded, legacyLines) => {
    const log = parseIrcLog(bytes('<ada> ', encoded, '\n<ada> plain'));
    expect(log.events).toMatchObject([{ text: decoded }, { text: 'plain' }]);
    expect(log.legacyLines).toBe(legacyLines);
    expect(decoded.isWellFormed()).toBe(true);
  });

  test('of any bytes whatever is read', () => {
    const anything = Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * 7919 + (i >> 8)) % 256));
    for (const event of parseIrcLog(anything).events) {
      expect(JSON.stringify(event)).not.toContain('\\u0000');
      expect(JSON.stringify(event).isWellFormed()).toBe(true);
    }
  });
});

test('annotations: the later line answers the earlier, the nearest first; a line that names itself answers none', () => {
  const answers = parseAnnotations('1000 1000 -\n1000 1002 -\n1003 1001 -\n1001 1002 -\n\nnonsense\n');
  expect([...answers]).toEqual([
    [1002, [1001, 1000]],
    [1003, [1001]],
  ]);
});

// -- the plan ----------------------------------------------------------------------------------

function logOf(lines: string[], annotations = '', name = 'engine'): NamedLog {
  return { name, ...parseIrcLog(bytes(lines.join('\n'))), answers: parseAnnotations(annotations) };
}

function told(lines: string[]): string[] {
  const { people, rooms } = planReplay([logOf(lines)]);
  const tell = (step: Step) => {
    if (step.kind === 'rename') return `${people[step.who]} is called ${step.displayName}`;
    const said = step.kind === 'post' ? `says ${rooms[0]?.posts[step.post]?.text}` : `${step.kind}s`;
    return `${people[step.who]} ${said}`;
  };
  return rooms.flatMap(({ steps }) => steps.map(tell));
}

describe('what people do', () => {
  test('whoever speaks is a member', () => {
    expect(
      told(['<ada> hi', '=== ada [a@b] has left #x', '=== ada [a@b] has left #x', '* ada is back']),
    ).toEqual(['ada joins', 'ada says hi', 'ada leaves', 'ada joins', 'ada says /me is back']);
  });

  test('an account goes on under another nick', () => {
    expect(told(['<ada> hi', '=== ada is now known as countess', '<countess> still me'])).toEqual([
      'ada joins',
      'ada says hi',
      'ada is called countess',
      'ada says still me',
    ]);
  });

  test('a nick that is another account is taken over by that one', () => {
    const lines = [
      '<grace> hi',
      '<ada> hi',
      '=== ada is now known as grace',
      '<grace> who am I',
      '<ada> me again',
    ];
    expect(told(lines)).toEqual([
      'grace joins',
      'grace says hi',
      'ada joins',
      'ada says hi',
      'ada leaves',
      'grace says who am I',
      'ada joins',
      'ada says me again',
    ]);
  });

  test('who comes back under the old nick is called by it again', () => {
    expect(told(['=== ada is now known as ada|away', '<ada> reconnected']).slice(1)).toEqual([
      'ada is called ada|away',
      'ada is called ada',
      'ada says reconnected',
    ]);
  });

  test('one nick is one account in all logs', () => {
    const { people, rooms } = planReplay([
      logOf(['<ada> one', '<grace> two']),
      logOf(['<grace> three'], '', 'other'),
    ]);
    expect(people).toEqual(['ada', 'grace']);
    expect(rooms.map(({ posts }) => posts.map(({ who }) => who))).toEqual([[0, 1], [1]]);
  });

  test('an answer quotes the nearest line that is a post', () => {
    const lines = ['<ada> one', '<ada> two', '=== mode/#x [+o ada]  by grace', '<grace> three', '<ada> four'];
    const [room] = planReplay([logOf(lines, '0 3 -\n1 3 -\n2 3 -\n2 4 -')]).rooms;
    expect(room?.posts.map(({ answers }) => answers)).toEqual([null, null, 1, null]);
  });
});

// -- the judge ---------------------------------------------------------------------------------

function judge(
  deliver: (event: (roomSeq: number, post: number, text?: string) => DeliveredEvent) => DeliveredEvent[],
) {
  const posts = ['one', 'two', 'three'].map((said, line) => ({ who: 0, text: said, line, answers: null }));
  const ledger = new RoomLedger({ roomId: 'r', name: 'engine', baseSeq: 2, posts }, () => 'ada');
  for (const post of posts.keys()) ledger.acknowledged[post] = { messageId: `m${post}`, roomSeq: 3 + post };
  const delivery = new Delivery(ledger, new Samples());
  const event = (roomSeq: number, post: number, said = posts[post]?.text ?? '') => ({
    __typename: 'MessageCreated',
    roomSeq,
    message: { id: `m${post}`, text: said, idempotencyKey: ledger.keyOf(post), author: { id: 'ada' } },
  });
  for (const one of deliver(event)) delivery.receive(one, 0);
  return delivery.conclude(5);
}

const fine = { events: 3, missing: 0, repeated: 0, outOfOrder: 0, wrong: 0 };

test.each<[string, Parameters<typeof judge>[0], object]>([
  ['nothing, where all is well', (e) => [e(3, 0), e(4, 1), e(5, 2)], {}],
  ['what is missing', (e) => [e(3, 0), e(5, 2)], { events: 2, missing: 1 }],
  ['what is missing at the end', (e) => [e(3, 0), e(4, 1)], { events: 2, missing: 1 }],
  ['what comes twice', (e) => [e(3, 0), e(4, 1), e(4, 1), e(5, 2)], { events: 4, repeated: 1 }],
  ['a post under two numbers', (e) => [e(3, 0), e(4, 0), e(5, 2)], { repeated: 1, wrong: 2 }],
  ['what comes late', (e) => [e(3, 0), e(5, 2), e(4, 1)], { outOfOrder: 1 }],
  ['posts that changed places', (e) => [e(3, 1), e(4, 0), e(5, 2)], { wrong: 2 }],
  ['another text', (e) => [e(3, 0), e(4, 1, 'tow'), e(5, 2)], { wrong: 1 }],
])('the judge finds %s', (_name, deliver, found) => {
  expect(judge(deliver)).toEqual({ ...fine, ...found });
});

/** What an SDK client shows of three posts. */
function judgeShown(arrange: (messages: MessageInfo[]) => readonly (MessageInfo | undefined)[]) {
  const posts = ['one', 'two', 'three'].map((said, line) => ({ who: 0, text: said, line, answers: null }));
  const ledger = new RoomLedger({ roomId: 'r', name: 'engine', baseSeq: 2, posts }, () => 'ada');
  for (const post of posts.keys()) ledger.acknowledged[post] = { messageId: `m${post}`, roomSeq: 3 + post };
  const all = posts.map(
    (post, i) => ({ id: `m${i}`, seq: i + 1, text: post.text, author: { id: 'ada' } }) as MessageInfo,
  );
  return judgeTimeline(
    ledger,
    arrange(all).flatMap((message) => message ?? []),
  );
}

test.each<[string, Parameters<typeof judgeShown>[0], object]>([
  ['nothing, where all is well', (all) => all, {}],
  ['a post that is not shown', ([a, , c]) => [a, c], { messages: 2, missing: 1 }],
  ['a post that is shown twice', ([a, b, c]) => [a, b, b, c], { messages: 4, repeated: 1 }],
  ['posts in another order', ([a, b, c]) => [b, a, c], { outOfOrder: 1 }],
  ['another text', ([a, b, c]) => [a, { ...b, text: 'tow' } as MessageInfo, c], { wrong: 1 }],
])('the judge of what SDK clients show finds %s', (_name, arrange, found) => {
  expect(judgeShown(arrange)).toEqual({
    messages: 3,
    missing: 0,
    repeated: 0,
    outOfOrder: 0,
    wrong: 0,
    ...found,
  });
});

// -- the whole ---------------------------------------------------------------------------------

describe('a replay', () => {
  const script = fileURLToPath(new URL('../packages/replay/src/main.ts', import.meta.url));
  let folder: string;
  let database: TestDatabase;
  let node: TestNode;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'parley-test-log-'));
    database = await createDatabase();
    node = await startNode({ databaseUrl: database.url, redisUrl: inject('redisUrl') });
  });

  afterAll(async () => {
    await node?.stop();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  function logFile(name: string, ...lines: Buffer[]): string {
    const file = path.join(folder, name);
    writeFileSync(file, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
    return file;
  }

  async function replay(...args: string[]) {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATABASE_URL: database.url,
      JWT_SECRET,
    };
    const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, last: out.trim().split('\n').at(-1) ?? '', err };
  }

  test('puts a log into a room as it was, and judges what subscribers got', async () => {
    const file = logFile(
      'engine.raw.txt',
      bytes('=== ada [n=ada@example.org]  has joined #engine'),
      bytes('[10:00] <ada> caf', [0xe9], '?'),
      bytes('[10:00] <grace> naïve 🚀'),
      bytes('* ada waves'),
      bytes('=== ada is now known as countess'),
      bytes('[10:01] <countess> still me'),
      bytes('[10:02] <grace>   '),
      bytes('=== countess [n=ada@example.org]  has left #engine'),
      bytes('[10:03] <countess> without a join'),
    );
    logFile('engine.annotation.txt', bytes('1 1 -\n1 2 -\n5 2 -'));

    const { code, last, err } = await replay(file, '--url', node.url, '--cuts', '3');
    expect(err).toContain('1 blank; not UTF-8: 1 lines');
    const expected = { posts: 5, joins: 3, leaves: 1, renames: 1, replies: 2, refused: 0, cuts: 3 };
    const nothing = { missing: 0, repeated: 0, outOfOrder: 0, wrong: 0, problems: [] };
    const sdk = { messages: 5, missing: 0, repeated: 0, outOfOrder: 0, wrong: 0, different: 0 };
    expect(JSON.parse(last)).toMatchObject({ ...expected, ...nothing, sdk, ok: true });
    expect(code).toBe(0);

    const reader = await signUp(node, 'reader');
    const { data } = await reader.ask('{ rooms(query: "engine") { nodes { id name } } }');
    await reader.join(data.rooms.nodes[0].id);
    const messages = `query ($id: ID!) { room(id: $id) { messages(first: 50) {
      nodes { text author { displayName } replyTo { text } } } } }`;
    const history = await reader.ask(messages, { id: data.rooms.nodes[0].id });
    const said = history.data.room.messages.nodes;
    expect(said.map((one: { text: string }) => one.text)).toEqual([
      'café?',
      'naïve 🚀',
      '/me waves',
      'still me',
      'without a join',
    ]);
    const names = said.map((one: { author: { displayName: string } }) => one.author.displayName);
    expect(names).toEqual(['countess', 'grace', 'countess', 'countess', 'countess']);
    const quoted = said.map((one: { replyTo: { text: string } | null }) => one.replyTo?.text ?? null);
    expect(quoted).toEqual([null, 'café?', null, 'naïve 🚀', null]);
  });

  test.each([
    [[], 2, /which file\?/],
    [['--nodes', '0', 'x'], 2, /--nodes is a whole number from 1 to 8/],
    [['--nonsense', 'x'], 2, /--nonsense/],
    [['no-such-file'], 1, /no-such-file/],
  ])('does not begin with %j', async (args, code, complaint) => {
    const ended = await replay(...args);
    expect(ended.code).toBe(code);
    expect(ended.err).toMatch(complaint);
  });
});
