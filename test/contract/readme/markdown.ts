import { readFileSync } from 'node:fs';

/** A page of the documentation, as far as tests look into it. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(path, 'utf8').replaceAll('\r\n', '\n') };
}

// -- code --------------------------------------------------------------------------------------

export interface Block {
  readonly language: string;
  readonly code: string;
  /** The paragraph above it. */
  readonly above: string;
  /** Of its first line. */
  readonly line: number;
}

/** The fenced blocks of a page, or of the part under one of its headings. */
export function blocksOf({ text }: Page, heading?: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let section = '';
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (/^#{1,6} /.test(line)) section = line.replace(/^#+ /, '');
    const fence = /^( *)```(\w+)$/.exec(line);
    if (!fence) continue;
    const start = i + 1;
    while (lines[++i]?.trim() !== '```')
      if (i >= lines.length) throw new Error(`line ${start} is never closed`);
    const code = lines.slice(start, i).map((each) => each.slice(fence[1]?.length));
    if (heading !== undefined && section !== heading) continue;
    blocks.push({
      language: fence[2] ?? '',
      code: code.join('\n'),
      above: above(lines, start - 2),
      line: start + 1,
    });
  }
  return blocks;
}

function above(lines: string[], from: number): string {
  let end = from;
  while (end >= 0 && lines[end]?.trim() === '') end--;
  let start = end;
  while (start > 0 && lines[start - 1]?.trim() !== '') start--;
  return lines.slice(start, end + 1).join(' ');
}

/** The contents of `code spans`. */
export function spansOf(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
}

// -- tables ------------------------------------------------------------------------------------

export type Row = Readonly<Record<string, string>>;

/** The rows of all tables of a page that have these columns first. */
export function rowsOf({ path, text }: Page, ...columns: string[]): Row[] {
  const rows: Row[] = [];
  let header: string[] | undefined;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) header = undefined;
    else if (!header) header = cellsOf(line);
    else if (!/^\|[-| ]+\|$/.test(line) && columns.every((column, i) => header?.[i] === column)) {
      const cells = cellsOf(line);
      rows.push(Object.fromEntries(header.map((column, i) => [column, cells[i] ?? ''])));
    }
  }
  if (rows.length === 0) throw new Error(`${path} has no table ${columns.join(' | ')}`);
  return rows;
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

/** A cell without the marks of code. */
export const plain = (cell: string | undefined) => (cell ?? '').replaceAll('`', '');

// -- links -------------------------------------------------------------------------------------

/** The targets of a page's links to our files or headings. */
export function linksOf({ text }: Page): { path: string; anchor: string }[] {
  const prose = text.replaceAll(/^( *)```[^]*?^\1```$/gm, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#');
      return { path, anchor };
    });
}

/** The anchors of a page's headings, in GitHub's form. */
export function anchorsOf({ text }: Page): string[] {
  const prose = text.replaceAll(/^( *)```[^]*?^\1```$/gm, '');
  return [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, title]) =>
    (title ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
