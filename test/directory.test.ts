import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createDatabase, execute, queryRows, type TestDatabase } from './harness/database.ts';
import { startNode, type TestNode } from './harness/node.ts';
import { type Person, signUp } from './harness/people.ts';

// rooms(query): which rooms it finds, in which order, and at which cost.

let database: TestDatabase;
let node: TestNode;
let ada: Person;
let eve: Person;

const env = { CHANGES_BURST: '10000', SEARCHES_BURST: '100000', COST_BURST: '100000000' };

beforeAll(async () => {
  database = await createDatabase();
  node = await startNode({ databaseUrl: database.url, redisUrl: inject('redisUrl'), env });
  [ada, eve] = [await signUp(node, 'ada'), await signUp(node, 'eve')];
});

afterAll(async () => {
  await node?.stop();
  await database?.drop();
});

const DIRECTORY = `query ($query: String, $first: Int, $after: String, $last: Int, $before: String) {
  rooms(query: $query, first: $first, after: $after, last: $last, before: $before) {
    nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

interface Page {
  readonly names: string[];
  readonly pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string;
    endCursor: string;
  };
}

async function page(args: object, person = eve): Promise<Page> {
  const { data, errors } = await person.ask(DIRECTORY, args);
  expect(errors).toEqual([]);
  const { nodes, pageInfo } = data.rooms;
  return { names: nodes.map(({ name }: { name: string }) => name), pageInfo };
}

const found = async (query: string) => (await page({ query, first: 100 })).names;

describe('what a query finds', () => {
  const room = (name: string, description: string) =>
    ada.change('createRoom', { name, description, kind: 'PUBLIC', idempotencyKey: randomUUID() });

  beforeAll(async () => {
    await room('Café Zürich', 'Über allen Gipfeln ist Ruh');
    await room('İstanbul', 'ILIK bir gün');
    await room('Ωδείο Ἀθηνῶν', 'ΟΔΟΣ ΕΡΜΟΥ');
    await room('Ёлки', 'Щука И ЛЕБЕДЬ');
    await room('Hauptstraße', 'GROẞE STRASSE');
    await room('東京の部屋', 'ｶﾀｶﾅ と 한국어');
    await room('100% \\_ real', 'it\'s "quoted" & | ! ( ) : * <->');
    await room('decomposed cafe\u0301', 'smileys 🙂🙃');
  });

  test.each([
    ['the middle of a word', 'züric', 'Café Zürich'],
    ['a name without its accents', 'cafe zurich', 'Café Zürich'],
    ['another case', 'CAFÉ ZÜRICH', 'Café Zürich'],
    ['a description', 'gipfeln', 'Café Zürich'],
    ['a capital I with a dot', 'istanbul', 'İstanbul'],
    ['a small i for it', 'İSTANBUL', 'İstanbul'],
    ['Greek with accents and breathings', 'αθηνων', 'Ωδείο Ἀθηνῶν'],
    ['a sigma at the end of a word', 'οδος ερμου', 'Ωδείο Ἀθηνῶν'],
    ['the same in capitals', 'ΟΔΟΣ', 'Ωδείο Ἀθηνῶν'],
    ['Cyrillic', 'елки', 'Ёлки'],
    ['Cyrillic in capitals', 'лебедь', 'Ёлки'],
    ['a sharp s', 'HAUPTSTRASSE', 'Hauptstraße'],
    ['a capital sharp s', 'große straße', 'Hauptstraße'],
    ['one character', '京', '東京の部屋'],
    ['two characters', '部屋', '東京の部屋'],
    ['characters of half the width', 'カタカナ', '東京の部屋'],
    ['a Korean syllable', '국', '東京の部屋'],
    ['characters that are patterns elsewhere', '100% \\_', '100% \\_ real'],
    ['characters that are operators elsewhere', '"quoted" & | ! ( ) : * <->', '100% \\_ real'],
    ['a combined character', 'decomposed café', 'decomposed cafe\u0301'],
    ['characters beyond the first plane', '🙂🙃', 'decomposed cafe\u0301'],
  ])('%s', async (_what, query, name) => {
    expect(await found(query)).toEqual([name]);
  });

  test.each(['zurich cafe', 'zürich  ', 'real it', 'h\u00fcber', '%', '_', '東部屋', '🙃🙂'])(
    'nothing with %j',
    async (query) => {
      const names = await found(query);
      expect(names.filter((name) => !name.includes(query))).toEqual([]);
    },
  );

  test('follows changes, and never shows what is not public', async () => {
    const word = 'quokka'; // without digits: another test searches for those
    const roomId = await ada.createRoom(`${word} open`);
    await ada.createRoom(`${word} secret`, 'PRIVATE');
    const deleted = await ada.createRoom(`${word} deleted`);
    await ada.change('deleteRoom', { roomId: deleted }, 'roomId');
    const archived = await ada.createRoom(`${word} archived`);
    await ada.change('archiveRoom', { roomId: archived });
    for (const person of [ada, eve]) {
      expect((await page({ query: word }, person)).names).toEqual([`${word} archived`, `${word} open`]);
    }
    await ada.change('updateRoom', { roomId, name: 'renamed', description: `was ${word}` });
    expect(await found(`${word} open`)).toEqual([]);
    expect(await found(`was ${word}`)).toEqual(['renamed']);
    await ada.change('updateRoom', { roomId, description: '' });
    expect(await found(`was ${word}`)).toEqual([]);
  });
});

/** As `fold_text` does it, of text that Unicode has had for long. */
function fold(text: string): string {
  const bare = text.normalize('NFKD').replaceAll(/[\u0300-\u036f]/g, '');
  const folded = Array.from(bare, (character) => {
    const upper = character.toUpperCase();
    return Array.from(upper).length === 1 ? upper.toLowerCase() : character.toLowerCase();
  });
  return folded.join('').replaceAll('ß', 'ss').normalize('NFKC');
}

test('texts are folded in SQL as JavaScript knows the characters', async () => {
  // Blocks in which versions of Unicode agree: one of the two may not know newer characters.
  const blocks = [
    [0x20, 0x2dff],
    [0x3041, 0x30ff],
    [0xa640, 0xa69f],
    [0xac00, 0xd7a3],
    [0xf900, 0xfefc],
    [0xff01, 0xffee],
    [0x10400, 0x104ff],
  ];
  const characters = blocks
    .flatMap(([first = 0, last = 0]) =>
      Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)),
    )
    .filter((character) => /[\p{L}\p{N}\p{P}\p{S}\p{M}\p{Z}]/u.test(character));
  const rows = await queryRows<{ character: string; folded: string }>(
    database.url,
    'SELECT c AS character, fold_text(c) AS folded FROM unnest($1::text[]) AS c',
    [characters],
  );
  const different = rows.filter(({ character, folded }) => folded !== fold(character));
  expect(different.map(({ character }) => `${character} ${character.codePointAt(0)?.toString(16)}`)).toEqual(
    [],
  );
});

describe('among many rooms', () => {
  const ROOMS = 1_500;
  const names = Array.from({ length: ROOMS }, (_, i) => `${i % 7 ? 'Plain' : 'Señor'} room ${i}`);

  beforeAll(async () => {
    await execute(
      database.url,
      `WITH room AS (
         INSERT INTO rooms (kind, name, description, created_by)
         SELECT 1, CASE WHEN i % 7 = 0 THEN 'Señor' ELSE 'Plain' END || ' room ' || i, CASE WHEN i % 100 = 99 THEN 'Rare Bird' END, 1
         FROM generate_series(0, ${ROOMS - 1}) AS i RETURNING id
       ) INSERT INTO room_heads (room_id) SELECT id FROM room`,
    );
  });

  /** Every page of a search, from one end to the other. */
  async function all(query: string, size: number, backwards: boolean): Promise<string[]> {
    const found: string[] = [];
    let from: string | undefined;
    for (;;) {
      const args = backwards ? { last: size, before: from } : { first: size, after: from };
      const { names, pageInfo } = await page({ query, ...args });
      if (backwards) found.unshift(...names);
      else found.push(...names);
      if (!(backwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return found;
      from = backwards ? pageInfo.startCursor : pageInfo.endCursor;
    }
  }

  const byName = (a: string, b: string) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1);
  test.each([
    ['in most of them', 'room', (name: string) => name.includes('room')],
    ['in those that come last', 'senor', (name: string) => name.startsWith('Señor')],
    ['in a few', 'rare bird', (name: string) => Number(name.split(' ')[2]) % 100 === 99],
    ['in a few numbers', '777', (name: string) => name.includes('777')],
    ['two characters', '77', (name: string) => name.includes('77')],
    ['in none', 'rooom', () => false],
  ])('a text %s: the same pages from either end', async (_what, query, fits) => {
    const expected = names.filter(fits).sort(byName);
    expect(await all(query, 50, false)).toEqual(expected);
    expect(await all(query, 50, true)).toEqual(expected);
  });
});

test('searches of a person are limited, pages of the directory are not', async () => {
  const strict = await startNode({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { SEARCHES_PER_SECOND: '1', SEARCHES_BURST: '2' },
  });
  try {
    const [one, other] = [eve.via(strict), ada.via(strict)];
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 10; i++)
      codes.push((await one.ask(DIRECTORY, { query: 'room', first: 1 })).errors[0]?.extensions.code);
    expect(codes.slice(0, 3)).toEqual([undefined, undefined, undefined]);
    expect(codes).toContain('RATE_LIMITED');
    await page({ first: 1 }, one);
    await page({ first: 1, query: 'room' }, other);
  } finally {
    await strict.stop();
  }
});

test('a search is charged to the points of the person who searches', async () => {
  const strict = await startNode({
    databaseUrl: database.url,
    redisUrl: inject('redisUrl'),
    env: { SEARCHES_BURST: '1000', COST_PER_SECOND: '1', COST_BURST: '10000' },
  });
  try {
    const one = eve.via(strict);
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 10; i++)
      codes.push((await one.ask(DIRECTORY, { query: 'room', first: 1 })).errors[0]?.extensions.code);
    expect(codes[0]).toBeUndefined();
    expect(codes.at(-1)).toBe('RATE_LIMITED');
    // As many pages cost less than one search.
    for (let i = 0; i < 10; i++) await page({ first: 1 }, ada.via(strict));
  } finally {
    await strict.stop();
  }
});

test('a query has at most 100 characters', async () => {
  const { errors } = await eve.ask(DIRECTORY, { query: 'x'.repeat(101) });
  expect(errors[0]?.extensions).toMatchObject({ code: 'VALIDATION', argument: 'query' });
});
