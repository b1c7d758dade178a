/** The content of one line of a log. `line` counts from 0, as in annotations. */
export type LogEvent = { readonly line: number } & (
  | { readonly kind: 'message' | 'action'; readonly nick: string; readonly text: string }
  | { readonly kind: 'join' | 'part'; readonly nick: string }
  | { readonly kind: 'rename'; readonly nick: string; readonly newNick: string }
  /** Modes, topics, split servers: no action of a user. */
  | { readonly kind: 'other' }
);

export interface IrcLog {
  readonly events: LogEvent[];
  /** Messages without text, which are omitted. */
  readonly blankLines: number;
  /** Lines that are not UTF-8 and were read as windows-1252. */
  readonly legacyLines: number;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// Some releases of Node.js read windows-1252 as latin1, which has control characters instead of these.
const FROM_0X80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

// An optional time at the start of a line: [12:34], [12:34:56] or 12:34.
const TIME = /^(?:\[\d\d?:\d\d(?::\d\d)?\]|\d\d?:\d\d(?::\d\d)?)\s?/;
const MESSAGE = /^<[@+%&~ ]?([^>]+)> ?(.*)$/s;
// Notices to the channel, and messages of it that were shown elsewhere: -nick:#channel- text, (nick/#channel) text.
const NOTICE = /^(?:-([^\s:]+):#\S+-|\(([^\s/]+)\/#\S+\)) ?(.*)$/s;
const ACTION = /^\* (\S+) (.*)$/s;
const SYSTEM = /^(?:===|-!-|\*\*\*)\s+(.*)$/s;

// A nick has no blanks, but some logs have one after every `]`: `bur[n] er` is bur[n]er.
const NICK = String.raw`([^\s\]]*(?:\]\s?[^\s\]]*)*?)`;
const IRC_NICK = /^[A-Za-z[\]\\`_^{|}][\w[\]\\`^{|}-]*$/;
const SERVER_WORDS = new Set(['Topic', 'Starting', 'Ending', 'You', 'Netsplit']);
const HOST = String.raw`\s+[[(].*?[\])]\s+`;
const RENAME = new RegExp(String.raw`^${NICK}\s+is now known as\s+(\S.*?)\s*$`);
const JOIN = new RegExp(String.raw`^${NICK}(?:${HOST}has joined\b|\s+has joined #)`);
const PART = new RegExp(String.raw`^${NICK}(?:${HOST}has (?:left|quit)\b|\s+has left #|\s+has quit\b)`);

/** Reads a log whose lines may have different encodings. It never fails: unknown lines are `other`. */
export function parseIrcLog(file: Uint8Array): IrcLog {
  const lines = splitLines(file).map(decodeLine);
  const bodies = lines.map(({ text }) => text.replace(TIME, ''));
  const plain = bodies.map((body, line) => readLine(body, line));
  const nicks = new Set(plain.flatMap(nicksOf));
  const events = plain.map((event, line) =>
    event.kind === 'other' ? (readBareAction(bodies[line] ?? '', line, nicks) ?? event) : event,
  );
  const kept = events.filter((event) => !isBlank(event));
  return {
    events: kept,
    blankLines: events.length - kept.length,
    legacyLines: lines.filter(({ isLegacy }) => isLegacy).length,
  };
}

function splitLines(file: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf ? 3 : 0;
  while (start < file.length) {
    const end = file.indexOf(0x0a, start);
    lines.push(file.subarray(start, end < 0 ? file.length : end));
    start = end < 0 ? file.length : end + 1;
  }
  return lines;
}

/**
 * UTF-8 if it is valid, otherwise the usual encoding of clients at that time. Removes characters that cannot be stored.
 */
function decodeLine(bytes: Uint8Array): { text: string; isLegacy: boolean } {
  try {
    return { text: storable(utf8.decode(bytes)), isLegacy: false };
  } catch {
    return { text: storable(fromWindows1252(bytes)), isLegacy: true };
  }
}

function fromWindows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return latin1.replace(/[\u0080-\u009f]/g, (character) => FROM_0X80[character.charCodeAt(0) - 0x80] ?? '');
}

const storable = (text: string) => text.replaceAll('\0', '').toWellFormed().replace(/\r+$/, '');

function readLine(body: string, line: number): LogEvent {
  const said = MESSAGE.exec(body);
  if (said) return spoken('message', said, line);
  const notice = NOTICE.exec(body);
  if (notice) return spoken('message', ['', notice[1] ?? notice[2] ?? '', notice[3] ?? ''], line);
  const done = ACTION.exec(body);
  if (done) return spoken('action', done, line);
  const system = SYSTEM.exec(body)?.[1];
  return (system === undefined ? null : readSystemLine(system, line)) ?? { kind: 'other', line };
}

function spoken(kind: 'message' | 'action', [, nick = '', text = '']: string[], line: number): LogEvent {
  const name = withoutBlanks(nick);
  return name === '' ? { kind: 'other', line } : { kind, nick: name, text, line };
}

function readSystemLine(said: string, line: number): LogEvent | null {
  const rename = RENAME.exec(said);
  const nick = withoutBlanks((rename ?? JOIN.exec(said) ?? PART.exec(said))?.[1] ?? '');
  if (nick === '') return null;
  const newNick = withoutBlanks(rename?.[2] ?? '');
  if (rename) return newNick === '' || newNick === nick ? null : { kind: 'rename', nick, newNick, line };
  return { kind: JOIN.test(said) ? 'join' : 'part', nick, line };
}

/** Some logs write actions like system lines. A name that could be a nick is not a server. */
function readBareAction(body: string, line: number, nicks: ReadonlySet<string>): LogEvent | null {
  const [first = '', second = '', ...rest] = (SYSTEM.exec(body)?.[1] ?? '').split(' ');
  if (first.includes(']') && nicks.has(first + second)) {
    return { kind: 'action', nick: first + second, text: rest.join(' '), line };
  }
  const isNick = nicks.has(first) || (IRC_NICK.test(first) && !SERVER_WORDS.has(first));
  return isNick && rest.length + second.length > 0
    ? { kind: 'action', nick: first, text: [second, ...rest].join(' '), line }
    : null;
}

function nicksOf(event: LogEvent): string[] {
  if (event.kind === 'other') return [];
  return event.kind === 'rename' ? [event.nick, event.newNick] : [event.nick];
}

const isBlank = (event: LogEvent) =>
  (event.kind === 'message' || event.kind === 'action') && event.text.trim() === '';
const withoutBlanks = (nick: string) => nick.replace(/\s+/g, '');

/**
 * Returns the lines that answer others, each with the lines that it answers, the nearest first. Of a pair `A B` the
 * later line answers the earlier; `A A` begins a conversation and answers nothing.
 */
export function parseAnnotations(text: string): Map<number, number[]> {
  const answers = new Map<number, number[]>();
  for (const row of text.split('\n')) {
    const pair = /^\s*(\d+)\s+(\d+)(?:\s|$)/.exec(row);
    if (!pair || pair[1] === pair[2]) continue;
    const [a, b] = [Number(pair[1]), Number(pair[2])];
    const [earlier, later] = [Math.min(a, b), Math.max(a, b)];
    answers.set(
      later,
      [...(answers.get(later) ?? []), earlier].sort((x, y) => y - x),
    );
  }
  return answers;
}
