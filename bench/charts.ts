import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type FigureName, median } from './figures.ts';
import type { Facts, SuiteResult } from './results.ts';

const FOLDER = fileURLToPath(new URL('charts/', import.meta.url));
const [WIDTH, LABELS, ROW, TOP] = [860, 330, 26, 56];
const BARS = WIDTH - LABELS - 110;

const axes: Partial<Record<FigureName, string>> = {
  cpuMicros: 'µs of server CPU each; less is better',
  wholeMicros: 'µs of CPU each, server, PostgreSQL and Redis; less is better',
  perSecond: 'per second; more is better',
  sustained: 'events per second with p99 under 100 ms; more is better',
  p50Ms: 'ms, median; less is better',
  heapKb: 'KiB of heap each; less is better',
  seconds: 'seconds; less is better',
};

/** One picture of each suite: a bar for each variant, as long as the median of its main figure. */
export function drawCharts({ suites }: Facts): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const suite of suites) writeFileSync(`${FOLDER}${fileName(suite)}`, chartOf(suite));
}

const fileName = ({ title }: SuiteResult) => `${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.svg`;

function chartOf({ title, each, main, variants }: SuiteResult): string {
  const bars = variants.map(({ name, rounds }) => ({
    name,
    value: median(rounds.flatMap((figures) => figures[main] ?? [])),
  }));
  const drawn = bars.filter(({ value }) => Number.isFinite(value));
  const most = Math.max(...drawn.map(({ value }) => value));
  const height = TOP + drawn.length * ROW + 16;
  const rows = drawn.map(({ name, value }, i) => rowOf(name, value, value / most, TOP + i * ROW));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
<text x="16" y="24" font-size="16" font-weight="600" fill="#222">${escaped(title)}</text>
<text x="16" y="42" fill="#666">${escaped(`${axes[main] ?? main} (each: a ${each})`)}</text>
${rows.join('\n')}
</svg>
`;
}

function rowOf(name: string, value: number, share: number, y: number): string {
  const fill = name.startsWith('Parley') ? '#2563eb' : '#a3a3a3';
  const width = Math.max(1, share * BARS).toFixed(1);
  return [
    `<text x="${LABELS - 8}" y="${y + 17}" text-anchor="end" fill="#222">${escaped(name)}</text>`,
    `<rect x="${LABELS}" y="${y + 4}" width="${width}" height="${ROW - 8}" rx="2" fill="${fill}"/>`,
    `<text x="${LABELS + Number(width) + 6}" y="${y + 17}" fill="#222">${shown(value)}</text>`,
  ].join('');
}

const shown = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
