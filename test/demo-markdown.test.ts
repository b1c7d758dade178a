import { expect, test } from 'vitest';
import { type Block, parseBlocks } from '../packages/demo/src/markdown/blocks.ts';
import { type Inline, parseInline } from '../packages/demo/src/markdown/inline.ts';

// Markdown of messages in the demo, written as tags to be short. Nothing of it ever becomes HTML.

const inline = (part: Inline): string => {
  if (typeof part === 'string') return part;
  if (part.kind === 'break') return '<br>';
  if (part.kind === 'code') return `<code>${part.text}</code>`;
  const name = part.kind === 'link' ? `a ${part.href}` : part.kind;
  return `<${name}>${part.parts.map(inline).join('')}</${part.kind}>`;
};
const line = (text: string) => parseInline(text).map(inline).join('');

const block = (each: Block): string => {
  if (each.kind === 'code') return `<pre>${each.text}</pre>`;
  if (each.kind === 'quote') return `<quote>${each.blocks.map(block).join('')}</quote>`;
  if (each.kind === 'list')
    return `<list ${each.start}>${each.items.map((item) => `<li>${item.map(inline).join('')}`).join('')}</list>`;
  return `<${each.kind}>${each.parts.map(inline).join('')}</${each.kind}>`;
};
const blocks = (text: string) => parseBlocks(text).map(block).join('');

test.each([
  [
    '**bold** and *thin*, __bold__ and _thin_',
    '<strong>bold</strong> and <em>thin</em>, <strong>bold</strong> and <em>thin</em>',
  ],
  ['~~gone~~ `a*b*c`', '<del>gone</del> <code>a*b*c</code>'],
  ['**bold *and thin* in it**', '<strong>bold <em>and thin</em> in it</strong>'],
  ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
  ['\\*no\\* \\a', '*no* \\a'],
  ['one\ntwo', 'one<br>two'],
  ['``a ` b`` and `open', '<code>a ` b</code> and `open'],
  ['* not closed', '* not closed'],
])('inline: %s', (text, expected) => {
  expect(line(text)).toBe(expected);
});

test.each([
  ['[x](https://example.org/a)', '<a https://example.org/a>x</link>'],
  ['[**x**](mailto:a@example.org)', '<a mailto:a@example.org><strong>x</strong></link>'],
  ['see https://example.org/a?b=c.', 'see <a https://example.org/a?b=c>https://example.org/a?b=c</link>.'],
  ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
  ['[x](JaVaScRiPt:alert`1`)', '[x](JaVaScRiPt:alert<code>1</code>)'],
  ['[x](data:text/html,hello)', '[x](data:text/html,hello)'],
  ['[x](/graphql)', '[x](/graphql)'],
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
])('links: %s', (text, expected) => {
  expect(line(text)).toBe(expected);
});

test('blocks', () => {
  expect(blocks('# Title\ntext\n\n> quoted\n> > twice\n\n- one\n  more\n- two\n\n3. three')).toBe(
    '<heading>Title</heading><paragraph>text</paragraph>' +
      '<quote><paragraph>quoted</paragraph><quote><paragraph>twice</paragraph></quote></quote>' +
      '<list null><li>one<br>more<li>two</list><list 3><li>three</list>',
  );
  expect(blocks('```js\n**code**\n\n> x\n```\nafter')).toBe(
    '<pre>**code**\n\n> x</pre><paragraph>after</paragraph>',
  );
  expect(blocks('```\nopen')).toBe('<pre>open</pre>');
});

test.each(['*a ', '**', '*_', '`', '[', '> ', '\\', '~~x', '[a](', '_a_*b', '- ', '``` \n'])(
  'text of many %j keeps its characters',
  (part) => {
    const text = part.repeat(Math.floor(5_000 / part.length));
    const letters = (shown: string) => shown.replace(/<[^>]*>|[^ab]/g, '').length;
    expect(letters(blocks(text))).toBeGreaterThanOrEqual(part === '``` \n' ? 0 : letters(text));
  },
);
