import { describe, expect, test } from 'vitest';
import {
  type Content,
  type Inline,
  MAX_CONTENT_ADDRESSES,
  MAX_CONTENT_NODES,
  parseContent,
} from '../src/messages/content.ts';
import { MAX_NESTING } from '../src/messages/markdown-blocks.ts';
import { styles } from '../src/messages/markdown-emphasis.ts';
import { plainText } from '../src/messages/plain-text.ts';
import { hostileTexts } from './harness/hostile-texts.ts';

// The tree of a text, written as tags to be short.

const LENGTHS = [100, 2_500, 10_000];
const STEPS_PER_CHARACTER = 35;

const tags = { BOLD: 'b', ITALIC: 'i', STRIKETHROUGH: 's', SPOILER: 'spoiler' };

function inline({ kind, text, styles: bits, url }: Inline): string {
  const around = Object.entries(tags).filter(([name]) => bits & styles[name as keyof typeof styles]);
  const names = [...around.map(([, tag]) => tag), ...(kind === 'text' ? [] : [kind])];
  const shown = names.reduceRight((inner, name) => `<${name}>${inner}</>`, text);
  return url === null ? shown : `<a ${url}>${shown}</>`;
}

function blocksOf({ blocks }: Content): string[] {
  return blocks.map(({ kind, depth, level, start, language, text, inlines }) => {
    const detail = [level || null, start, language].filter((value) => value !== null).join();
    const inside = kind === 'code' ? text : inlines.map(inline).join('');
    return `${'  '.repeat(depth)}${kind}${detail && ` ${detail}`}${inside && `: ${inside}`}`;
  });
}

const blocks = (text: string) => blocksOf(parseContent(text));
const line = (text: string) =>
  parseContent(text)
    .blocks.flatMap(({ inlines }) => inlines.map(inline))
    .join('');

describe('blocks', () => {
  test('nest: quotes, lists, items and what is in them', () => {
    expect(
      blocks('# Title #\ntext\ngoes on\n\n> quoted\n> - one\n>   1. deep\n>\n>   more of one\n> - two\nlazy'),
    ).toEqual([
      'heading 1: Title',
      'paragraph: text\ngoes on',
      'quote',
      '  paragraph: quoted',
      '  list',
      '    item',
      '      paragraph: one',
      '      list 1',
      '        item',
      '          paragraph: deep',
      '      paragraph: more of one',
      '    item',
      '      paragraph: two\nlazy',
    ]);
  });

  test.each([
    ['```ts\n  a *b*\n\n```\nafter', ['code ts:   a *b*', 'paragraph: after']],
    ['~~~\nopen', ['code: open']],
    ['``` <b onclick=x>\na\n```', ['code: a']],
    ['    indented\n\n     more\nafter', ['code: indented\n\n more', 'paragraph: after']],
    ['- ```\n  a\n  ```\n- b', ['list', '  item', '    code: a', '  item', '    paragraph: b']],
    ['one\n---\ntwo\n***\n', ['heading 2: one', 'paragraph: two', 'divider']],
    [
      '- a\n+ b\n\n7) c',
      ['list', '  item', '    paragraph: a', 'list', '  item', '    paragraph: b'].concat([
        'list 7',
        '  item',
        '    paragraph: c',
      ]),
    ],
    ['-\n\n  a', ['list', '  item', 'paragraph: a']],
    ['>a\n\n>b', ['quote', '  paragraph: a', 'quote', '  paragraph: b']],
    ['<h1>no</h1>', ['paragraph: <h1>no</h1>']],
    ['| a | b |\n|---|---|', ['paragraph: | a | b |\n|---|---|']],
  ])('%j', (text, expected) => expect(blocks(text)).toEqual(expected));

  test(`deeper markers than ${MAX_NESTING} are text`, () => {
    const deepest = parseContent('> '.repeat(MAX_NESTING + 5)).blocks.at(-1);
    expect(deepest).toMatchObject({ kind: 'paragraph', depth: MAX_NESTING });
  });
});

describe('inlines', () => {
  test.each([
    ['**bold *both* bold**', '<b>bold </><b><i>both</></><b> bold</>'],
    ['__bold__ _thin_ ~~gone~~ ~kept~', '<b>bold</> <i>thin</> <s>gone</> ~kept~'],
    ['a `b*c*` *d*', 'a <code>b*c*</> <i>d</>'],
    ['||hidden **very**|| a || b || c', '<spoiler>hidden </><b><spoiler>very</></> a || b || c'],
    ['\\||no||', '||no||'],
    ['a 😀👨‍👩‍👧🇪🇺 1️⃣ ❤️', 'a <emoji>😀</><emoji>👨‍👩‍👧</><emoji>🇪🇺</> <emoji>1️⃣</> <emoji>❤️</>'],
    ['**😀**', '<b><emoji>😀</></>'],
    [
      ':party: :a1::b_2: **:ship_it:** _:x_:_',
      '<custom-emoji>:party:</> <custom-emoji>:a1:</><custom-emoji>:b_2:</> <b><custom-emoji>:ship_it:</></> <i><custom-emoji>:x_:</></>',
    ],
    [
      '[:up:](https://a.org) https://a.org/:up:',
      '<a https://a.org/><custom-emoji>:up:</></> <a https://a.org/:up>https://a.org/:up</>:',
    ],
    [
      '10:30:45 a:bc: std::vector::begin ::ab:: :a: :Party: :ab:c \\:ab: `:ab:`',
      '10:30:45 a:bc: std::vector::begin ::ab:: :a: :Party: :ab:c :ab: <code>:ab:</>',
    ],
    ['hi **@ada** and @Bob_2.', 'hi <b><mention>@ada</></> and <mention>@Bob_2</>.'],
    ['_hi @ada_', '<i>hi </><i><mention>@ada</></>'],
    ['@a_b_ and @__init__', '<mention>@a_b_</> and <mention>@__init__</>'],
    ['`@ada` \\@ada ada@bob.org /@ada', '<code>@ada</> @ada ada@bob.org /@ada'],
    ['one\ntwo\\\nthree', 'one\ntwo\nthree'],
  ])('%j', (text, expected) => expect(line(text)).toBe(expected));

  test.each([
    ['[x **y**](https://example.org/a)', '<a https://example.org/a>x </><a https://example.org/a><b>y</></>'],
    ['[x](</a b>) [x](a "t")', 'x x'],
    ['[x](https://example.org/?a&amp;b\\_c "title")', '<a https://example.org/?a&b_c>x</>'],
    ['[![i](https://a.org)](https://b.org)', '<a https://b.org/>i</>'],
    ['![![a](https://a.org)b](https://b.org)', '<a https://b.org/>ab</>'],
    [
      '<https://a.org> <ada@a.org> <a:b>',
      '<a https://a.org/>https://a.org</> <a mailto:ada@a.org>ada@a.org</> <a:b>',
    ],
    ['see https://a.org/_b_*c*?d=e.', 'see <a https://a.org/_b_*c*?d=e>https://a.org/_b_*c*?d=e</>.'],
    [
      '(https://a.org/(b)), **http://c.org**',
      '(<a https://a.org/(b)>https://a.org/(b)</>), <a http://c.org/><b>http://c.org</></>',
    ],
    ['xhttps://a.org @https://a.org', 'xhttps://a.org <mention>@https</>://a.org'],
    ['[https://a.org](https://b.org)', '<a https://b.org/>https://a.org</>'],
    ['[@ada](https://a.org/@bob)', '<a https://a.org/><mention>@ada</></>'.replace('a.org/', 'a.org/@bob')],
    ['https://a.org/?u=@bob', '<a https://a.org/?u=@bob>https://a.org/?u=@bob</>'],
  ])('links: %j', (text, expected) => expect(line(text)).toBe(expected));

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'java\tscript:alert(1)',
    '&#106;avascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '/graphql',
    '//example.org',
    'https:example.org',
    'https://user:secret@example.org',
    'https://bank.example@evil.example',
    'https://a\u202eb.org',
    `https://example.org/${'a'.repeat(2_000)}`,
  ])('nothing links to %j', (address) => {
    expect(line(`[x](${address}) [y](<${address}>) <${address}>`)).not.toContain('<a ');
  });

  test('an address is ASCII, so that nothing in it changes the direction of the text', () => {
    expect(line('[x](https://a.org/\u202ebcd\u200b)')).toBe('<a https://a.org/%E2%80%AEbcd%E2%80%8B>x</>');
    expect(line('https://a.org/b\u202ec')).toBe('<a https://a.org/b>https://a.org/b</>\u202ec');
    expect(line('https://а.org')).toBe('<a https://xn--80a.org/>https://а.org</>');
  });
});

describe('scripts', () => {
  test.each([
    ['你好@ada，**强调**。', '你好<mention>@ada</>，<b>强调</>。'],
    ['こんにちは **世界** @ada', 'こんにちは <b>世界</> <mention>@ada</>'],
    ['**مرحبا** @ada ‏', '<b>مرحبا</> <mention>@ada</> ‏'],
    ['**שלום** _עולם_', '<b>שלום</> <i>עולם</>'],
    ['**नमस्ते** ||दुनिया||', '<b>नमस्ते</> <spoiler>दुनिया</>'],
    ['**สวัสดี**', '<b>สวัสดี</>'],
    ['**한국어** ~~글~~', '<b>한국어</> <s>글</>'],
    ['**Ünïcödé** ßtraße', '<b>Ünïcödé</> ßtraße'],
    ['@аda', '@аda'],
    ['@ad\u200ba @ada\u200b', '@ad\u200ba <mention>@ada</>\u200b'],
    ['\u202e**ada**\u202c', '\u202e<b>ada</>\u202c'],
    ['*\u200b*', '<i>\u200b</>'],
    ['a\u0301\u0301\u0301 **e\u0301**', 'a\u0301\u0301\u0301 <b>e\u0301</>'],
    ['\ud83d **x** \ude00', '\ud83d <b>x</> \ude00'],
  ])('%j', (text, expected) => expect(line(text)).toBe(expected));
});

describe('any text', () => {
  const all = (content: Content) => content.blocks.flatMap(({ inlines }) => inlines);
  const shown = (content: Content) =>
    content.blocks
      .map((block) => (block.kind === 'code' ? block.text : block.inlines.map(({ text }) => text).join('')))
      .filter((text) => text !== '')
      .join('\n');
  const hasSpoiler = (content: Content) => all(content).some((each) => each.styles & styles.SPOILER);

  /** What holds for the tree of every text. */
  function check(text: string): void {
    const steps = { count: 0 };
    const content = parseContent(text, steps);
    expect(steps.count, text).toBeLessThanOrEqual(STEPS_PER_CHARACTER * Math.max(text.length, 10));
    const inlines = all(content);
    expect(content.blocks.length + inlines.length).toBeLessThanOrEqual(MAX_CONTENT_NODES + 2);
    const addresses = inlines.reduce((sum, { url }) => sum + (url?.length ?? 0), 0);
    expect(addresses).toBeLessThanOrEqual(MAX_CONTENT_ADDRESSES);
    for (const { url } of inlines) expect(url ?? 'https://').toMatch(/^(?:https?:\/\/|mailto:)[!-~]*$/);
    if (!hasSpoiler(content)) expect(shown(content)).toBe(plainText(text));
    let depth = -1;
    for (const block of content.blocks) {
      expect(block.depth).toBeLessThanOrEqual(depth + 1);
      depth = ['quote', 'list', 'item'].includes(block.kind) ? block.depth : block.depth - 1;
    }
  }

  test.each(Object.entries(hostileTexts))(
    '%s: linear work and a bounded tree with all of the text',
    (_kind, make) => {
      for (const length of LENGTHS) check(make(length));
    },
  );

  test('random texts', () => {
    const parts = [
      '*',
      '**',
      '_',
      '~~',
      '||',
      '`',
      '[',
      '](https://a.org)',
      '![',
      ')',
      '<',
      '>',
      '> ',
      '- ',
      '1. ',
    ]
      .concat([
        '# ',
        '\n',
        '\n\n',
        '    ',
        '\t',
        'a',
        'bcd',
        '@ada',
        '@',
        ':',
        'https://b.org/',
        'http:',
        '\\',
        '&amp;',
      ])
      .concat(['```\n', '---', '😀', '👨‍👩‍👧', '\ud83d', '\u202e', '\u200b', 'é', '你', 'ا']);
    let state = 7;
    const below = (limit: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    for (let i = 0; i < 1_500; i++)
      check(Array.from({ length: 1 + below(60) }, () => parts[below(parts.length)]).join(''));
  });

  test('text beyond the limit has no markup, but stays hidden in a spoiler', () => {
    const content = parseContent(`${'*a* '.repeat(400)}||secret||\n\n- @ada\n\n\`\`\`\ncode\n\`\`\``);
    const rest = all(content).at(-1);
    expect(content.blocks).toHaveLength(1);
    expect(rest?.text).toMatch(/^ a a .*secret\n@ada\ncode$/);
    expect(rest?.styles).toBe(styles.SPOILER);
    expect(content.names).toEqual(['ada']);
  });
});
