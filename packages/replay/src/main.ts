/**
 * Imports IRC logs and proves that every subscriber received every message: `npm run replay -- FILE... [options]`.
 * Every nick becomes a user, every log a public room, every line a post by its author. The posts are spread over the
 * nodes. On each node one user watches all rooms through the public API.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { parseAnnotations, parseIrcLog } from './irc-log.ts';
import { startNodes } from './nodes.ts';
import { type NamedLog, planReplay } from './plan.ts';
import { printVerdict, showProgress } from './report.ts';
import { Replay } from './run.ts';
import { Undo } from './undo.ts';

const USAGE = `Usage: npm run replay -- FILE... [options]

  --nodes N     how many nodes to start (default: 1). Several need redis-server on the PATH.
  --url URLS    replays against running nodes instead, e.g. http://localhost:4000/graphql; several with commas.
                Accounts are made by the command line of operators with the settings in the environment
                (DATABASE_URL or DATA_DIR, JWT_SECRET), which have to be those of the nodes.
  --rate R      most posts per second, over all files (default: no limit)
  --cuts K      cuts the sockets of subscribers K times, at random; they come back and miss nothing

A line is a message ([12:34] <nick> text), an action (* nick waves), or a system line (=== nick [host] has joined
#channel; has left, has quit, is now known as). Bytes that are not UTF-8 are read as windows-1252. Where X.annotation.txt
lies beside X.raw.txt, its lines "A B" make line B a reply to line A, counted from 0.

Exit codes: 0 nothing missing, repeated or out of order; 1 otherwise; 2 not understood; 130 interrupted.`;

class UsageError extends Error {}

interface Asked {
  readonly files: readonly string[];
  readonly nodes: number;
  readonly urls: readonly string[];
  readonly rate: number | undefined;
  readonly cuts: number;
}

/** @throws UsageError */
function readArguments(args: string[]): Asked | null {
  const { values, positionals } = parsed(args);
  if (values.help) return null;
  if (positionals.length === 0) throw new UsageError('which file?');
  const urls = (values.url ?? '').split(',').filter(Boolean);
  for (const url of urls) if (!URL.canParse(url)) throw new UsageError(`${url} is not a URL`);
  if (urls.length > 0 && values.nodes !== undefined) throw new UsageError('either --nodes or --url');
  return {
    files: positionals,
    nodes: wholeNumber('nodes', values.nodes ?? '1', 1, 8),
    urls,
    rate: values.rate === undefined ? undefined : wholeNumber('rate', values.rate, 1, 1_000_000),
    cuts: wholeNumber('cuts', values.cuts ?? '0', 0, 1_000_000),
  };
}

function parsed(args: string[]) {
  const value = { type: 'string' } as const;
  const options = { nodes: value, url: value, rate: value, cuts: value, help: { type: 'boolean' } } as const;
  try {
    return parseArgs({ options, args, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new UsageError(`--${name} is a whole number from ${min} to ${max}`);
  }
  return number;
}

// -- the files ---------------------------------------------------------------------------------

const MAX_NAME = 80;
const MIN_NAME = 3;

function readLog(file: string): NamedLog {
  const annotations = file.replace(/\.raw\.txt$/, '.annotation.txt');
  const answers = annotations !== file && existsSync(annotations) ? readFileSync(annotations, 'utf8') : '';
  return { name: roomNameOf(file), ...parseIrcLog(readFileSync(file)), answers: parseAnnotations(answers) };
}

function roomNameOf(file: string): string {
  const stem = path
    .basename(file)
    .replace(/(\.raw)?\.(txt|log)$/, '')
    .toWellFormed();
  const name = Array.from(stem).slice(0, MAX_NAME).join('').trim();
  return name.length < MIN_NAME ? `log ${name}` : name;
}

// -- the whole ---------------------------------------------------------------------------------

async function replay({ files, urls, nodes: count, rate, cuts }: Asked, undo: Undo): Promise<number> {
  const logs = files.map(readLog);
  const plan = planReplay(logs);
  const posts = plan.rooms.reduce((sum, room) => sum + room.posts.length, 0);
  const sum = (pick: (log: NamedLog) => number) => logs.reduce((total, log) => total + pick(log), 0);
  console.error(
    `${files.length} logs, ${plan.people.length} people, ${posts} posts; left out: ${sum((log) => log.blankLines)} blank; ` +
      `not UTF-8: ${sum((log) => log.legacyLines)} lines`,
  );
  const nodes = urls.length > 0 ? { urls, adminEnv: process.env } : await startNodes(count, undo);
  const run = new Replay(plan, nodes, { rate, cuts }, undo);
  await run.prepare();
  const hide = showProgress(run.progress);
  undo.push(hide);
  const started = performance.now();
  await run.play().finally(hide);
  const verdict = await run.conclude((performance.now() - started) / 1_000);
  printVerdict(verdict);
  return verdict.ok ? 0 : 1;
}

async function main(args: string[]): Promise<number> {
  const undo = new Undo();
  const interrupted = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(130));
  });
  try {
    const asked = readArguments(args);
    if (!asked) {
      console.log(USAGE);
      return 0;
    }
    const code = await Promise.race([replay(asked, undo), interrupted]);
    if (code === 130) console.error('\nreplay: interrupted; everything is being stopped');
    return code;
  } catch (error) {
    console.error(`replay: ${(error as Error).message}`);
    if (error instanceof UsageError) console.error('npm run replay -- --help tells more');
    return error instanceof UsageError ? 2 : 1;
  } finally {
    await undo.run();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // Interrupted calls may still wait for an answer.
  process.exit(await main(process.argv.slice(2)));
}
