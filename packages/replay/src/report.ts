import type { Progress, Verdict } from './run.ts';

const TTY_EVERY_MS = 1_000;
const PLAIN_EVERY_MS = 5_000;

/** Prints progress on standard error until the returned function is called; calling it again has no effect. */
export function showProgress(progress: Progress): () => void {
  const { isTTY } = process.stderr;
  const started = performance.now();
  let before = { posts: progress.posts, at: started };
  const show = () => {
    const now = performance.now();
    const rate = ((progress.posts - before.posts) * 1_000) / Math.max(1, now - before.at);
    before = { posts: progress.posts, at: now };
    const line = lineOf(progress, rate, (now - started) / 1_000);
    process.stderr.write(isTTY ? `\r\x1b[2K${line}` : `${line}\n`);
  };
  const timer = setInterval(show, isTTY ? TTY_EVERY_MS : PLAIN_EVERY_MS);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    show();
    if (isTTY) process.stderr.write('\n');
  };
}

function lineOf(
  { posts, totalPosts, joins, leaves, renames, refused, events }: Progress,
  rate: number,
  seconds: number,
): string {
  const part = totalPosts === 0 ? 100 : Math.floor((100 * posts) / totalPosts);
  const changes = `${joins} joins, ${leaves} parts, ${renames} renames`;
  const bad = refused > 0 ? `, ${refused} REFUSED` : '';
  return `${seconds.toFixed(0)} s  ${part} %  ${posts}/${totalPosts} posts, ${rate.toFixed(0)}/s  ${changes}  ${events} events${bad}`;
}

/** Prints a table for people, then one line of JSON for programs, which is the last. */
export function printVerdict(verdict: Verdict): void {
  const { problems, ok, ...figures } = verdict;
  const rows: [string, string | number][] = [
    ['logs', figures.logs],
    ['people', figures.people],
    ['nodes', figures.nodes],
    ['posts', figures.posts],
    ['  of them replies', figures.replies],
    ['joins, parts, renames', `${figures.joins}, ${figures.leaves}, ${figures.renames}`],
    ['refused', figures.refused],
    ['repeated calls', figures.retries],
    ['streams', figures.streams],
    ['cuts, reconnects', `${figures.cuts}, ${figures.reconnects}`],
    ['events received', figures.events],
    ['missing', figures.missing],
    ['repeated', figures.repeated],
    ['out of order', figures.outOfOrder],
    ['wrong', figures.wrong],
    ['messages that SDK clients show', figures.sdk.messages],
    [
      '  missing, repeated, out of order, wrong, different',
      `${figures.sdk.missing}, ${figures.sdk.repeated}, ${figures.sdk.outOfOrder}, ${figures.sdk.wrong}, ${figures.sdk.different}`,
    ],
    ['seconds', figures.seconds],
    ['posts/s', figures.postsPerSecond],
    ['post p50, p99', `${figures.postP50Ms} ms, ${figures.postP99Ms} ms`],
    ['delivery p50, p99', `${figures.deliveryP50Ms} ms, ${figures.deliveryP99Ms} ms`],
    ['verdict', ok ? 'all arrived, in order and once' : 'NOT all as it should be'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`${name.padEnd(width)}  ${value}`);
  for (const problem of problems) console.log(`! ${problem}`);
  console.log(JSON.stringify({ ...figures, problems, ok }));
}
