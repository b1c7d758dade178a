import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeFlags } from '../../scripts/node-flags.ts';
import { RawSocket } from '../harness/client.ts';
import { createDatabase, type TestDatabase } from '../harness/database.ts';
import { startNode, type TestNode } from '../harness/node.ts';
import { ask, signUp } from '../harness/people.ts';
import { type Marked, markedDocuments, namedDocuments } from './markers.ts';

// No text of a document becomes program code. It did once: a compiler took strings that begin like this for dates.

const RECORDER = new URL('generated-code.mjs', import.meta.url).href;
const MAGIC = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d';
// Documents were compiled at their 20th execution.
const OFTEN = 25;

// Without limits, because a refused document is not executed.
const unlimited = Object.fromEntries(
  ['COST', 'ADDRESS_COST', 'ANONYMOUS_COST'].flatMap((name) => [
    [`${name}_PER_SECOND`, '1000000000'],
    [`${name}_BURST`, '1000000000'],
  ]),
);

let database: TestDatabase;
let node: TestNode;
let folder: string;
let sources: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'parley-attack-'));
  sources = path.join(folder, '.generated');
  writeFileSync(sources, '');
  database = await createDatabase();
  const env = {
    NODE_OPTIONS: `--import ${RECORDER}`,
    GENERATED_CODE_FILE: sources,
    LOGINS_PER_MINUTE: '100000',
    ...unlimited,
  };
  node = await startNode({ databaseUrl: database.url, env });
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const written = () => readdirSync(folder).filter((file) => !file.startsWith('.'));
const generated = () => readFileSync(sources, 'utf8');

/** Program text that writes a file, in a form that the compiler left as it was. */
const attackOf = (file: string) =>
  `${MAGIC}process.getBuiltinModule('node:fs').writeFileSync('${path.join(folder, file)}', 'owned')`;

async function send({ query, variables }: Marked, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const { status, errors } = await ask(node.url, query, variables);
    expect(status, JSON.stringify(errors)).toBeLessThan(500);
    expect(status, 'the document is executed, not refused for its number').not.toBe(429);
  }
}

test('the attack is one: where text becomes code, it writes the file', () => {
  const source = attackOf('proof').slice(MAGIC.length);
  // oxlint-disable-next-line typescript/no-implied-eval -- proves that the text does harm as code
  new Function(source)();
  expect(written()).toEqual(['proof']);
  rmSync(path.join(folder, 'proof'));
});

describe('program text', () => {
  test.for(markedDocuments('').map(({ place }) => place))(
    'in %s is never run',
    { timeout: 120_000 },
    async (place) => {
      const file = place.replaceAll(' ', '-');
      const marked = markedDocuments(attackOf(file)).find((each) => each.place === place) as Marked;
      await send(marked, 1);
      expect(written()).not.toContain(file);
      await send(marked, OFTEN);
      expect(written()).not.toContain(file);
      expect(generated()).not.toContain(MAGIC);
    },
  );

  test('in a string is not run at its thousandth execution either', async () => {
    await send(markedDocuments(attackOf('thousandth'))[0] as Marked, 1_000);
    expect(written()).not.toContain('thousandth');
  });

  test('is not run over a socket', async () => {
    const socket = await RawSocket.connect(node.wsUrl);
    for (let i = 0; i < OFTEN; i++)
      for (const { place, query, variables } of markedDocuments(attackOf('socket')))
        await socket.run(`${place} ${i}`, query, variables);
    socket.close();
    expect(written()).not.toContain('socket');
    expect(generated()).not.toContain(MAGIC);
  });
});

test.each(['eval', 'Function'])('%s makes no code of text in a node, whoever calls it', (maker) => {
  const source = `globalThis.${maker}('process.stdout.write("owned")')?.()`;
  const { stdout, stderr } = spawnSync(process.execPath, [...nodeFlags, '--eval', source], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
  expect(stderr).toContain('EvalError: Code generation from strings disallowed');
});

test('the image starts a node as npm start does', () => {
  const [, command] = /^CMD (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8')) as unknown as [
    string,
    string,
  ];
  expect(JSON.parse(command)).toEqual(['node', ...nodeFlags, 'dist/main.js']);
});

test('no text of a document, and nothing else, becomes code once a node runs', {
  timeout: 120_000,
}, async () => {
  const marker = 'marker_5f0c2c1e';
  const before = generated();
  for (const marked of [...markedDocuments(marker), ...namedDocuments(marker)]) await send(marked, OFTEN);
  expect(generated()).toBe(before);
  expect(before).not.toContain(marker);
});

test('nor do the names in a subscription, for as many events as there are', async () => {
  const before = generated();
  const marker = 'marker_8d21b7aa';
  const ada = await signUp(node, 'ada');
  const roomId = await ada.createRoom('hall');
  const socket = await RawSocket.connect(node.wsUrl, ada.token);
  socket.subscribe(
    '1',
    `subscription ${marker} { room(id: "${roomId}") { __typename ...${marker} } }
     fragment ${marker} on RoomStreamEvent { ... on MessageCreated { ${marker}: message { text } } }`,
  );
  await socket.item('1', 'StreamReady');
  for (let i = 0; i < OFTEN; i++) await ada.say(roomId, `${marker} ${i}`);
  for (let i = 0; i < OFTEN; i++)
    expect(await socket.item('1', 'MessageCreated')).toMatchObject({ [marker]: { text: `${marker} ${i}` } });
  socket.close();
  expect(generated()).toBe(before);
});
