/**
 * Finds all imported modules of a TypeScript file, including type imports. The native compiler has no API for this, and
 * a regular expression would match comments and strings, so this splits the text into tokens.
 */

export interface Import {
  specifier: string;
  line: number;
  /** `import type` or `export type`: removed before the program runs. */
  typeOnly: boolean;
}

interface Token {
  kind: 'word' | 'string' | 'number' | 'regex' | 'punct';
  text: string;
  line: number;
}

const SKIPPED = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const NUMBER = /\d[\w.]*/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** A piece of a template: up to its end or its next `${`. */
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^\\$`])*(?:`|\$\{)/y;

/** After these words a slash begins a regular expression; after any other word it divides. */
const BEFORE_REGEX = new Set('return typeof case in of do else await yield throw void delete new'.split(' '));

export function readImports(source: string, file = 'source'): Import[] {
  const tokens = tokenize(source, file);
  return tokens.flatMap((token, at) => importAt(tokens, token, at));
}

/**
 * Only an import or an export has a string directly after `from`, and only an import has one after `import`, so no
 * further grammar is needed.
 */
function importAt(tokens: Token[], token: Token, at: number): Import[] {
  if (token.kind !== 'word' || tokens[at - 1]?.text === '.') return [];
  const next = tokens[at + 1];
  if (token.text === 'from' && next?.kind === 'string') {
    return [{ specifier: unquote(next), line: next.line, typeOnly: isTypeOnly(tokens, at) }];
  }
  if (token.text === 'import' && next?.kind === 'string') {
    return [{ specifier: unquote(next), line: next.line, typeOnly: false }];
  }
  if ((token.text === 'import' || token.text === 'require') && next?.text === '(') {
    const named = tokens[at + 2];
    if (named?.kind === 'string') return [{ specifier: unquote(named), line: named.line, typeOnly: false }];
  }
  return [];
}

/** `import { type A }` does not count: under verbatimModuleSyntax it still loads the module. */
function isTypeOnly(tokens: Token[], from: number): boolean {
  for (let at = from - 1; at >= 0; at--) {
    const text = tokens[at]?.text;
    if (text === 'import' || text === 'export') return tokens[at + 1]?.text === 'type' && at + 2 < from;
  }
  return false;
}

function unquote(token: Token): string {
  return token.text.slice(1, -1);
}

function tokenize(source: string, file: string): Token[] {
  const tokens: Token[] = [];
  /** For every open template, the number of open braces inside its `${`. */
  const templates: number[] = [];
  let at = source.startsWith('#!') ? source.indexOf('\n') : 0;
  let line = 1;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text === undefined) return undefined;
    at += text.length;
    line += text.split('\n').length - 1;
    return text;
  };
  const push = (kind: Token['kind'], text: string | undefined): boolean => {
    if (text !== undefined) tokens.push({ kind, text, line });
    return text !== undefined;
  };
  const template = (): void => {
    const opened = line;
    const text = take(TEMPLATE);
    if (text === undefined) throw new Error(`${file}:${opened}: cannot parse this template string`);
    if (text.endsWith('`')) push('string', `\`${text}`);
    else templates.push(0);
  };

  while (at < source.length && at >= 0) {
    if (take(SKIPPED) !== undefined) continue;
    if (push('string', take(STRING)) || push('word', take(WORD)) || push('number', take(NUMBER))) continue;
    if (opensRegex(tokens.at(-1)) && push('regex', take(REGEX))) continue;

    const mark = source[at] ?? '';
    at += 1;
    const open = templates.at(-1);
    if (mark === '`') template();
    else if (mark === '}' && open === 0) {
      templates.pop();
      template();
    } else {
      if (open !== undefined && mark === '{') templates[templates.length - 1] = open + 1;
      if (open !== undefined && mark === '}') templates[templates.length - 1] = open - 1;
      push('punct', mark);
    }
  }
  return tokens;
}

function opensRegex(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'word') return BEFORE_REGEX.has(before.text);
  return before.kind === 'punct' && !')]}'.includes(before.text);
}
