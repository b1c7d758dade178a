import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import type { Services } from '../src/context.ts';
import { plainText } from '../src/messages/plain-text.ts';
import { plainTextOf } from '../src/messages/text.ts';
import { hostileTexts } from './harness/hostile-texts.ts';

// Our own parser extracts plain text, because it must be linear for any text.

/** The largest message, and twice that for characters of two units. */
const LENGTHS = [100, 2_500, 5_000, 10_000];
const STEPS_PER_CHARACTER = 25;

interface Token {
  readonly type: string;
  readonly content: string;
  readonly children: Token[] | null;
}

const reference = new MarkdownIt({ html: false, linkify: false }).disable(['table', 'reference']);

/** The result of a complete Markdown parser. */
function referenceText(text: string): string {
  const textOf = ({ type, content, children }: Token): string => {
    if (children) return children.map(textOf).join('');
    if (type === 'softbreak' || type === 'hardbreak') return '\n';
    return ['text', 'text_special', 'code_inline', 'image'].includes(type) ? content : '';
  };
  const blocks = (reference.parse(text, {}) as Token[]).flatMap((token) => {
    if (token.type === 'fence' || token.type === 'code_block') return [token.content.trimEnd()];
    return token.type === 'inline' ? [textOf(token)] : [];
  });
  return blocks.filter((block) => block !== '').join('\n');
}

const messages = [
  'hello',
  'a **bold** and an *emphasised* word, __both__ _ways_ and ~~struck~~',
  '***both***, **bold *inside* bold** and *emphasis **inside** it*',
  'snake_case_name, 5 * 3 * 2, 2**8, a_b_c and __init__.py',
  'half a pair: **bold and *emphasis',
  'a `code` span, ``one with a ` tick`` and ` half of one',
  'a `*not emphasised*` one and [a link with `code]`](x)',
  '[a link](https://example.org), [titled](https://example.org "a title") and ![an image](x.png)',
  '[a **bold** link](</with spaces>) [nested [brackets]](x) [half](of one',
  '[not a link] [neither] (this) and [ ] a box',
  '[a (link)](https://example.org/a_(b)) and [escaped](a\\)b)',
  '![alt *text*](x) [![a badge](x)](y)',
  '<https://example.org/a?b=c> and <ada@example.org> but <b>not this</b>',
  'Tom &amp; Jerry &lt;3 &#8364; &#x1F600; &unknown; & alone',
  'escaped \\*stars\\*, \\_underscores\\_ and a back\\slash',
  '# A heading\n\nand a paragraph\nof two lines',
  '## Closed ##\n### Not#closed\n#hashtag\n####### seven',
  'Underlined\n===\n\nLess so\n---\nand more',
  '- one\n- two\n  - inside\n    going on\n- three',
  '1. one\n2. two\n\n10) ten\n11) eleven',
  '* a\n* b\n\n  a second paragraph\n\nno item any more',
  'Things:\n- one\n- two\nthat is all',
  'In the year\n1986. That was a long time ago\n- or was it',
  '> a quote\n> of two lines\ngoing on\n\nan answer',
  '> > deep\n> less deep\n\n> - a list\n>   in a quote',
  '- > a quote\n  > in a list',
  'before\n\n```ts\nconst a = b * c;\n\n  indented();\n```\nafter *all*',
  '~~~\n# no heading\n```\n~~~\nafter',
  '```\nnever closed *at all*',
  '> ```\n> quoted *code*\n> ```\n> text',
  '- ```\n  code in a list\n  ```\n- next',
  'text\n\n    indented *code*\n    goes on\n\ntext',
  'above\n\n* * *\n\nbelow\n___\n',
  'two spaces  \nbreak, and a backslash\\\nbreaks',
  '| a | b |\n|---|---|\n| c | d |',
  'smile 😀 **bold😀** 😀*emphasis*😀 «*quoted*» “**quoted**”',
  'Ünïcödé **fett**er *Text*。**強調**。',
  '1. a\n\n   ```\n   code\n   ```\n\n2. b',
  'line\r\nof *another*\rsystem',
  '   three spaces\n\ttab in a paragraph',
];

describe('plain text', () => {
  test.each(messages)('is what a Markdown parser makes of it: %j', (text) => {
    expect(plainText(text)).toBe(referenceText(text));
  });

  test('leaves as written what it does not know: tables, HTML, references', () => {
    for (const text of [
      '| a | b |\n|---|---|\n| c | d |',
      '<b>raw</b>',
      '[text][id]\n\n[id]: https://example.org',
    ])
      expect(plainText(text)).toBe(text.replaceAll('\n\n', '\n'));
  });

  test.each(Object.entries(hostileTexts))('is linear and no longer than the text: %s', (_kind, make) => {
    for (const length of LENGTHS) {
      const text = make(length);
      const steps = { count: 0 };
      expect(plainText(text, steps).length).toBeLessThanOrEqual(text.length);
      expect(steps.count / text.length).toBeLessThan(STEPS_PER_CHARACTER);
    }
  });

  const parts = [
    '*',
    '**',
    '_',
    '~~',
    '`',
    '``',
    '[',
    '](',
    '](b)',
    ')',
    '![',
    '<',
    '> ',
    '- ',
    '* ',
    '1. ',
    '# ',
  ]
    .concat([
      '\n',
      '\n\n',
      '\r\n',
      ' ',
      '    ',
      '\t',
      'a',
      'bcd',
      '.',
      '!',
      '\\',
      '&amp;',
      '&#x1F600;',
      '<a:b>',
      '"',
    ])
    .concat(['```\n', '~~~\n', '  \n', '---', '===', '|', 'é', '😀', '\ud83d', '\0']);

  function* random(seed: number): Generator<string> {
    let state = seed;
    const below = (limit: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    for (;;) yield Array.from({ length: 1 + below(60) }, () => parts[below(parts.length)]).join('');
  }

  test('of 10,000 random texts is linear, no longer than the text, and the same each time', () => {
    const texts = random(1);
    for (let i = 0; i < 10_000; i++) {
      const text = texts.next().value as string;
      const steps = { count: 0 };
      const plain = plainText(text, steps);
      expect(plain.length, JSON.stringify(text)).toBeLessThanOrEqual(text.length);
      expect(steps.count, JSON.stringify(text)).toBeLessThanOrEqual(STEPS_PER_CHARACTER * text.length);
      expect(plainText(text)).toBe(plain);
    }
  });

  test('of a long text is made once for each node', () => {
    const text = `**${'long '.repeat(99)}end**`;
    const [node, another] = [{}, {}] as [Services, Services];
    const stepsOf = (at: Services) => {
      const steps = { count: 0 };
      expect(plainTextOf(at, text, steps)).toBe(`${'long '.repeat(99)}end`);
      return steps.count;
    };
    expect(stepsOf(node)).toBeGreaterThan(0);
    expect(stepsOf(node)).toBe(0);
    expect(stepsOf(another)).toBeGreaterThan(0);
  });
});
