// Markdown that grows to a length, each kind in the way that one part of a parser handles worst.

/** The part again and again, up to that length. */
const fill = (part: string, length: number) => part.repeat(Math.ceil(length / part.length)).slice(0, length);

const halves = (before: string, after: string) => (length: number) =>
  fill(before, Math.floor(length / 2)) + fill(after, Math.floor(length / 2));

function growing(part: (i: number) => string) {
  return (length: number): string => {
    let text = '';
    for (let i = 1; text.length < length; i++) text += part(i);
    return text.slice(0, length);
  };
}

const repeated = {
  brackets: '[',
  links: '[a](b)',
  'empty links': '[]()',
  'links without an end': '[a](',
  'destinations without an end': '[a](<b',
  'titles without an end': '[a](b "',
  'titles in apostrophes': "[a](b '",
  'links in links': '[a [b](c)](d)',
  images: '![',
  'emphasis in brackets': '*[',
  'all marks at once': '**[`',
  'code in brackets': '[`',
  'brackets and angles': '[<a',
  'escapes in brackets': '[\\',
  stars: '*',
  'stars before letters': '*a ',
  'stars behind letters': 'a*',
  'stars of three kinds': '*a_b**c',
  'three stars': '***a ',
  underscores: '_a',
  'runs whose sum is three': 'a**bc* ',
  tildes: '~',
  'pairs of tildes': '~~a',
  'single backticks': '`a',
  backticks: '`',
  entities: '&amp;',
  'broken entities': '&a',
  'numbers of characters': '&#x1F600;',
  'reference definitions': '[a]: b\n',
  'definitions without an end': '[a]: b "\n',
  'labels without an end': '[a\n',
  'quotes in quotes': '>',
  'lines of quotes': '>\n',
  'emphasis in lines of quotes': '>*\n',
  'lists in lists': '- ',
  'numbers in numbers': '1. ',
  'lists in quotes': '> - ',
  'quotes in lists': '1) > ',
  'lines of lists': '- a\n',
  'emphasis in lines of lists': '-\t*a*\n',
  'empty items': '-\n',
  'almost rules': '- - - - - - - - - - - - - - - - - - - - x\n',
  autolinks: '<a:b>',
  'autolinks without an end': '<a:b',
  'addresses without an end': '<a@',
  tags: '<a ',
  headings: '# *\n',
  'number signs': '#',
  'underlined headings': 'a\n-\n',
  rules: '* * *\n',
  lines: 'a\n',
  fences: '```\n',
  'fences with words': '```a\n',
  'indented code': '    a\n',
  escapes: '\\*',
  'spaces at the end': 'a  \n',
  tabs: '\t',
  'lists of tabs': '-\t',
  'carriage returns': '\r',
  'zero bytes': '\0',
  'rows of a table': '| a | b |\n',
  'cells of a table': '|a',
  faces: '😀*',
  'faces alone': '😀',
  'families without an end': '👨\u200d',
  'halves of flags': '🇪',
  'numbers in keycaps': '1\ufe0f',
  spoilers: '||a',
  bars: '|',
  mentions: '@aaa ',
  'mentions without an end': '@aaa',
  'bare addresses': 'http://a ',
  schemes: 'http:',
  'broken addresses': 'http://%',
};

const others: Readonly<Record<string, (length: number) => string>> = {
  'closed brackets': halves('[', ']'),
  'images in images': halves('![', '](a)'),
  'emphasis in emphasis': halves('*a **b ', 'b** a*'),
  'struck in struck': halves('~~a ', ' a~~'),
  'emphasis across images': halves('![*', '*](a)'),
  'parentheses in parentheses': (length) => `[a](${halves('(', ')')(length - 4)}`,
  'a quote that goes on': (length) => `${fill('>', length / 2)}a\n${fill('a\n', length / 2)}`,
  'a list that goes on': (length) => `${fill('- ', length / 2)}a\n${fill('a\n', length / 2)}`,
  'a reference to a long address': (length) => `[a]: ${fill('b', length / 2)}\n\n${fill('[a]', length / 2)}`,
  'spaces in the middle': (length) => `a${fill(' ', length - 2)}b`,
  'longer and longer backticks': growing((i) => `${'`'.repeat(i)}a`),
  'deeper and deeper quotes': growing((i) => `${'>'.repeat(i)}a\n`),
  'deeper and deeper lists': growing((i) => `${'  '.repeat(i)}- a\n`),
  'tildes before a line separator': (length) => `${fill('~', length - 1)}\u2028`,
  'a table': (length) =>
    fill('|a', length / 3) + '\n' + fill('|-', length / 3) + '\n' + fill('|\n', length / 3),
};

/** The text of a length, by the cost that it attacks. */
export const hostileTexts: Readonly<Record<string, (length: number) => string>> = {
  ...Object.fromEntries(
    Object.entries(repeated).map(([kind, part]) => [kind, (length: number) => fill(part, length)]),
  ),
  ...others,
};
